using Hokusai.Tracking.Runs;
using Hokusai.Tracking.Search;

namespace Hokusai.Tests.Tracking.Runs;

/// <summary>Which filters and orders of runs are taken; what they find is tested on the databases.</summary>
public sealed class RunSearchTests
{
    [Theory]
    [InlineData("metrics.\"accuracy.2.0\" > 5 AND params.\"p.a.r.a.m\" != \"a\"")]
    [InlineData("attribute.start_time >= 1234 AND run.status = 'RUNNING' AND attributes.Created > 1 AND attr.user_id LIKE 'x%'")]
    [InlineData("run_id NOT IN ('a', 'b') AND `Run Name` ILIKE 'x' AND tag.a = 'b' AND parameters.c != 'd' AND parameter.e LIKE 'f'")]
    [InlineData("dataset.name = 'x' AND datasets.digest IN ('a') AND dataset.context ILIKE 'train'")]
    public void Filter_GoodFilter_IsTaken(string filter) => RunSearch.Filter(new SqlQuery(), filter);

    [Theory]
    [InlineData("acc >= 0.94", "Invalid attribute key")]
    [InlineData("model >= 'LR'", "Invalid attribute key")]
    [InlineData("attribute.start != 1", "Invalid attribute key")]
    [InlineData("attribute.experiment_id != 1", "Invalid attribute key")]
    [InlineData("attribute.lifecycle_stage = 'ACTIVE'", "Invalid attribute key")]
    [InlineData("attribute._status != 'RUNNING'", "Invalid attribute key")]
    [InlineData("m.acc >= 0.94", "Invalid entity type")]
    [InlineData("attri.x != 1", "Invalid entity type")]
    [InlineData("a.x != 1", "Invalid entity type")]
    [InlineData("METRICS.x != 1", "Invalid entity type")]
    [InlineData("metric.model = '5'", "Expected numeric value type for metric")]
    [InlineData("metrics.acc != metrics.acc", "Expected numeric value type for metric")]
    [InlineData("metrics.acc > NaN", "Expected numeric value type for metric")]
    [InlineData("params.acc = 5", "Expected a quoted string value for param")]
    [InlineData("tags.acc = 5", "Expected a quoted string value for tag")]
    [InlineData("attribute.status = 1", "Expected a quoted string value for attributes")]
    [InlineData("params.acc = LR", "value is either not quoted or unidentified quote types")]
    [InlineData("params.acc = `LR`", "value is either not quoted or unidentified quote types")]
    [InlineData("params.abc > 'x'", "Invalid comparator")]
    [InlineData("tags.abc IN ('x')", "Invalid comparator")]
    [InlineData("status IN ('x')", "Invalid comparator")]
    [InlineData("attributes.start_time LIKE 1234", "Invalid comparator")]
    [InlineData("metrics.abc LIKE 'x'", "Invalid comparator")]
    [InlineData("dataset.name > 'x'", "Invalid comparator")]
    [InlineData("dataset.profile = 'x'", "Invalid dataset key")]
    public void Filter_BadFilter_IsToldInMlflowsWords(string filter, string fragment) =>
        Assert.Contains(fragment, Refusal.Of(() => RunSearch.Filter(new SqlQuery(), filter)), StringComparison.Ordinal);

    [Fact]
    public void Order_None_IsNewestFirst() => Assert.Equal("r.start_time DESC, r.run_id ASC", RunSearch.Order(new SqlQuery(), []));

    [Fact]
    public void Order_StartTimeGiven_IsNotAddedAgain() =>
        Assert.Equal("CASE WHEN r.start_time IS NULL THEN 1 ELSE 0 END, r.start_time ASC, r.run_id ASC", RunSearch.Order(new SqlQuery(), ["attributes.Created"]));

    [Theory]
    [InlineData("dataset.name", "Invalid ordering key in order_by clause 'dataset.name'.")]
    [InlineData("foo.bar DESC", "Invalid ordering key in order_by clause 'foo.bar DESC'.")]
    [InlineData("color", "Invalid order_by key 'color'")]
    public void Order_UnknownKey_IsRefused(string clause, string opening) =>
        Assert.StartsWith(opening, Refusal.Of(() => RunSearch.Order(new SqlQuery(), [clause])), StringComparison.Ordinal);

    [Theory]
    [InlineData("start_time", "attributes.start_time DESC")]
    [InlineData("start_time", "created")]
    [InlineData("metrics.a", "metric.a DESC")]
    [InlineData("params.a", "parameters.a")]
    [InlineData("tags.a", "tag.a")]
    public void Order_FieldTwice_IsRefused(string first, string second) =>
        Assert.StartsWith("`order_by` contains duplicate fields", Refusal.Of(() => RunSearch.Order(new SqlQuery(), [first, second])), StringComparison.Ordinal);

    [Fact]
    public void Order_SameKeyOfOtherEntities_IsTaken()
    {
        var order = RunSearch.Order(new SqlQuery(), ["metrics.a", "params.a", "tags.a", "attributes.run_name"]);
        Assert.EndsWith("r.run_name ASC, r.start_time DESC, r.run_id ASC", order, StringComparison.Ordinal);
    }

    [Fact]
    public void Order_MetricNamedLikeTheStartTime_DoesNotReplaceIt() =>
        Assert.EndsWith(", r.start_time DESC, r.run_id ASC", RunSearch.Order(new SqlQuery(), ["metrics.start_time DESC"]), StringComparison.Ordinal);
}
