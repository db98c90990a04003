using Hokusai.Tracking.Search;

namespace Hokusai.Tests.Tracking.Search;

public sealed class OrderClauseTests
{
    [Theory]
    [InlineData("start_time", null, "start_time", "ASC")]
    [InlineData("start_time DESC", null, "start_time", "DESC")]
    [InlineData("  start_time   desc  ", null, "start_time", "DESC")]
    [InlineData("start_time Asc", null, "start_time", "ASC")]
    [InlineData("metrics.acc DESC", "metrics", "acc", "DESC")]
    [InlineData("metrics.a.b", "metrics", "a.b", "ASC")]
    [InlineData("metrics.`spacey name` DESC", "metrics", "spacey name", "DESC")]
    [InlineData("metrics.\"spacey name\"", "metrics", "spacey name", "ASC")]
    [InlineData("metrics.`a desc`", "metrics", "a desc", "ASC")]
    [InlineData("attributes.run name DESC", "attributes", "run name", "DESC")]
    [InlineData("metrics.desc", "metrics", "desc", "ASC")]
    [InlineData("metrics.acc\tDESC", "metrics", "acc", "DESC")]
    [InlineData("metrics.acc\nasc", "metrics", "acc", "ASC")]
    public void Parse_Clause_IsIdentifierAndDirection(string text, string? entity, string key, string direction)
    {
        var clause = OrderClause.Parse(text);
        Assert.Equal((entity, key, direction), (clause.Entity, clause.Key, clause.Direction));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("metrics.acc UP")]
    [InlineData("metrics.a b DESC")]
    [InlineData("metrics.acc DESC ASC")]
    [InlineData("metrics.acc\tUP")]
    public void Parse_AnythingElse_IsRefused(string text) => Assert.Equal($"Invalid order_by clause '{text}'. Could not be parsed.", Refusal.Of(() => OrderClause.Parse(text)));
}
