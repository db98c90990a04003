using Hokusai.Tracking.Search;

namespace Hokusai.Tests.Tracking.Search;

public sealed class FilterParserTests
{
    [Theory]
    [InlineData("""metrics."X//Y#$$@&Z" = 3""", "metrics", "X//Y#$$@&Z", nameof(Comparator.Equal), 3)]
    [InlineData("""metrics."accuracy.2.0" > 5""", "metrics", "accuracy.2.0", nameof(Comparator.Greater), 5)]
    [InlineData("metrics.`spacey name` > 5", "metrics", "spacey name", nameof(Comparator.Greater), 5)]
    [InlineData("`metrics`.`a.b` >= -1.5e3", "metrics", "a.b", nameof(Comparator.GreaterOrEqual), -1500)]
    [InlineData("metric.acc>=100", "metric", "acc", nameof(Comparator.GreaterOrEqual), 100)]
    [InlineData("metric.acc<.5", "metric", "acc", nameof(Comparator.Less), 0.5)]
    [InlineData("metric.acc <= +2", "metric", "acc", nameof(Comparator.LessOrEqual), 2)]
    [InlineData("metric.a-b:c/d != 0", "metric", "a-b:c/d", nameof(Comparator.NotEqual), 0)]
    [InlineData("attribute.start_time >= 1234", "attribute", "start_time", nameof(Comparator.GreaterOrEqual), 1234)]
    [InlineData("attributes.Created > 1", "attributes", "Created", nameof(Comparator.Greater), 1)]
    [InlineData("start_time > 1", null, "start_time", nameof(Comparator.Greater), 1)]
    [InlineData("`start_time` > 1", null, "start_time", nameof(Comparator.Greater), 1)]
    public void Parse_Number_IsRead(string filter, string? entity, string key, string comparator, double value)
    {
        var comparison = Assert.Single(FilterParser.Parse(filter));
        Assert.Equal((entity, key, comparator), (comparison.Entity, comparison.Key, comparison.Comparator.ToString()));
        Assert.Equal((ValueKind.Number, value), (comparison.Value.Kind, comparison.Value.Number));
    }

    [Theory]
    [InlineData("""params."p.a.r.a.m" != "a" """, "params", "p.a.r.a.m", nameof(Comparator.NotEqual), "a")]
    [InlineData("""params.m = "L'Hosp" """, "params", "m", nameof(Comparator.Equal), "L'Hosp")]
    [InlineData("""params.m = 'a "b" c'""", "params", "m", nameof(Comparator.Equal), "a \"b\" c")]
    [InlineData("run.status = 'RUNNING'", "run", "status", nameof(Comparator.Equal), "RUNNING")]
    [InlineData("tags.mlflow.user = 'me'", "tags", "mlflow.user", nameof(Comparator.Equal), "me")]
    [InlineData("tags.\"mlflow.user\" = 'me'", "tags", "mlflow.user", nameof(Comparator.Equal), "me")]
    [InlineData("tags.`mlflow.user` = 'me'", "tags", "mlflow.user", nameof(Comparator.Equal), "me")]
    [InlineData("name like 'a%'", null, "name", nameof(Comparator.Like), "a%")]
    [InlineData("name LIKE'a%'", null, "name", nameof(Comparator.Like), "a%")]
    [InlineData("\n name\tILike\r\n'a_\\' ", null, "name", nameof(Comparator.ILike), "a_\\")]
    [InlineData("name = ''", null, "name", nameof(Comparator.Equal), "")]
    [InlineData("name = 'a AND b; (c)'", null, "name", nameof(Comparator.Equal), "a AND b; (c)")]
    [InlineData("name = 'true'", null, "name", nameof(Comparator.Equal), "true")]
    [InlineData("likes = 'x'", null, "likes", nameof(Comparator.Equal), "x")]
    public void Parse_Text_IsReadWithoutItsQuotes(string filter, string? entity, string key, string comparator, string value)
    {
        var comparison = Assert.Single(FilterParser.Parse(filter));
        Assert.Equal((entity, key, comparator), (comparison.Entity, comparison.Key, comparison.Comparator.ToString()));
        Assert.Equal((ValueKind.Quoted, value), (comparison.Value.Kind, comparison.Value.Text));
    }

    [Theory]
    [InlineData("run_id IN ('a', 'b')", nameof(Comparator.In), "a|b")]
    [InlineData("run_id in('a')", nameof(Comparator.In), "a")]
    [InlineData("run_id NOT IN ( 'a,b' ,'c)' )", nameof(Comparator.NotIn), "a,b|c)")]
    [InlineData("run_id not\n in ('a')", nameof(Comparator.NotIn), "a")]
    public void Parse_List_IsRead(string filter, string comparator, string texts)
    {
        var comparison = Assert.Single(FilterParser.Parse(filter));
        Assert.Equal((comparator, ValueKind.List), (comparison.Comparator.ToString(), comparison.Value.Kind));
        Assert.Equal(texts.Split('|'), comparison.Value.Texts);
    }

    [Theory]
    [InlineData("a = 1 AND b = 'x' and c IN ('y') aNd d > 2", "a b c d")]
    [InlineData("a=1 AND b='x'AND c=2", "a b c")]
    [InlineData("andy = 1 AND android = 2", "andy android")]
    public void Parse_SeveralComparisons_AreAllRead(string filter, string keys) => Assert.Equal(keys.Split(' '), FilterParser.Parse(filter).Select(comparison => comparison.Key));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t\n")]
    public void Parse_Nothing_IsNoCondition(string? filter) => Assert.Empty(FilterParser.Parse(filter));

    [Theory]
    [InlineData("metrics.A > 0.1 OR params.B = 'LR'")]
    [InlineData("metrics.A > 0.1 NAND params.B = 'LR'")]
    [InlineData("metrics.A > 0.1 AND (params.B = 'LR')")]
    [InlineData("(metrics.A > 0.1)")]
    [InlineData("NOT metrics.A > 0.1")]
    [InlineData("`metrics.A > 0.1")]
    [InlineData("attribute.status = true")]
    [InlineData("attribute.status = FALSE")]
    [InlineData("attribute.status = null")]
    [InlineData("attribute.status IS 'RUNNING'")]
    [InlineData("foo is null")]
    [InlineData("params.acc LR")]
    [InlineData("params.acc")]
    [InlineData("metric.acc !=")]
    [InlineData("metric.acc = 1 AND")]
    [InlineData("AND metric.acc = 1")]
    [InlineData("metric.acc = 1 AND AND metric.b = 1")]
    [InlineData("metric.acc = 1 metric.b = 1")]
    [InlineData("params.acc = 'LR")]
    [InlineData("tags.acc = = 'LR'")]
    [InlineData("tags.acc == 'LR'")]
    [InlineData("tags.acc <> 'LR'")]
    [InlineData("metric.acc = 1,000")]
    [InlineData("metric.acc = 1 ANDmetric.b = 1")]
    [InlineData("name LIKE_ 'a'")]
    [InlineData("run_id INx ('a')")]
    [InlineData("run_id NOTIN ('a')")]
    [InlineData("run_id NOT 'a'")]
    [InlineData("run_id IN ('a'")]
    [InlineData("run_id IN ('a' 'b')")]
    [InlineData("run_id IN ('a)")]
    [InlineData("= 1")]
    public void Parse_WrongGrammar_IsAnInvalidClause(string filter) =>
        Assert.StartsWith("Invalid clause(s) in filter string: ", Refusal.Of(() => FilterParser.Parse(filter)), StringComparison.Ordinal);

    [Theory]
    [InlineData("1.0 > metrics.acc")]
    [InlineData("1=1")]
    [InlineData("'a' = 'a'")]
    [InlineData("\"a\" = 'a'")]
    [InlineData("a = 1 AND 1 = a")]
    public void Parse_ValueOnTheLeft_IsToldSo(string filter) => Assert.Contains("Expected 'Identifier' found", Refusal.Of(() => FilterParser.Parse(filter)), StringComparison.Ordinal);

    [Theory]
    [InlineData("metrics.a > 1; metrics.b > 2")]
    [InlineData("metrics.a > 1;DROP TABLE runs")]
    public void Parse_SeveralStatements_AreRefused(string filter) =>
        Assert.StartsWith("Search filter contained multiple expression", Refusal.Of(() => FilterParser.Parse(filter)), StringComparison.Ordinal);

    [Theory]
    [InlineData("run_id IN ()")]
    [InlineData("run_id IN (1, 2)")]
    [InlineData("run_id IN (a)")]
    [InlineData("run_id IN ('a',)")]
    [InlineData("run_id IN ('a', 2)")]
    [InlineData("run_id IN (")]
    public void Parse_ListOfAnythingButTexts_IsRefused(string filter) =>
        Assert.StartsWith("While parsing a list in the query, ", Refusal.Of(() => FilterParser.Parse(filter)), StringComparison.Ordinal);

    [Fact]
    public void Parse_Tilde_IsAnInvalidComparator() => Assert.StartsWith("Invalid comparator", Refusal.Of(() => FilterParser.Parse("metrics.abc ~ 1")), StringComparison.Ordinal);

    [Theory]
    [InlineData("params.acc = LR", "LR")]
    [InlineData("params.acc = `L R`", "`L R`")]
    [InlineData("params.acc = NaN", "NaN")]
    [InlineData("params.acc = Infinity", "Infinity")]
    [InlineData("metrics.acc != metrics.acc", "metrics.acc")]
    [InlineData("params.acc = truely", "truely")]
    public void Parse_BareWord_IsLeftToTheSearch(string filter, string word)
    {
        var value = Assert.Single(FilterParser.Parse(filter)).Value;
        Assert.Equal((ValueKind.Bare, word), (value.Kind, value.Text));
    }

    [Theory]
    [InlineData("a", null, "a")]
    [InlineData("a.b", "a", "b")]
    [InlineData("a.b.c", "a", "b.c")]
    [InlineData("`a.b`", null, "a.b")]
    [InlineData("`a`.`b.c`", "a", "b.c")]
    [InlineData("a.\"b\"", "a", "b")]
    [InlineData("a.`b\"", "a", "`b\"")]
    [InlineData("a.", "a", "")]
    [InlineData(".a", null, ".a")]
    public void SplitIdentifier_Text_IsCutAtTheFirstDot(string identifier, string? entity, string key) => Assert.Equal((entity, key), FilterParser.SplitIdentifier(identifier));
}
