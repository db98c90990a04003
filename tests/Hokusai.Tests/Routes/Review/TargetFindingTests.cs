using System.Text.Json.Nodes;
using Hokusai.Routes.Review;

namespace Hokusai.Tests.Routes.Review;

/// <summary>What a review finds in target groups and their targets.</summary>
public sealed class TargetFindingTests
{
    [Theory]
    [InlineData("HealthCheckPath", "/", "health-check-path", "--health-check-path /health")]
    [InlineData("HealthCheckPath", "/hokusai/ready", "health-check-path", "--health-check-path /health")]
    [InlineData("HealthCheckPort", "9000", "health-check-port", "--health-check-port traffic-port")]
    [InlineData("HealthCheckIntervalSeconds", 31, "health-check-slow", "--health-check-interval-seconds 10 --health-check-timeout-seconds 5 --unhealthy-threshold-count 2")]
    [InlineData("UnhealthyThresholdCount", 7, "health-check-slow", "--health-check-interval-seconds 10 --health-check-timeout-seconds 5 --unhealthy-threshold-count 2")]
    [InlineData("HealthCheckTimeoutSeconds", 10, "health-check-timeout", "--health-check-interval-seconds 10 --health-check-timeout-seconds 5")]
    [InlineData("HealthCheckEnabled", false, "health-check-missing", "--health-check-enabled --health-check-path /health")]
    public void Review_HealthCheck_IsNamedAndMended(string field, object value, string code, string remedy)
    {
        var finding = Assert.Single(WithApi(Aws.Group("api", 8001, field, JsonValue.Create(value))));

        Assert.Equal((code, "target group api"), (finding.Code, finding.Place));
        Assert.Equal($"aws elbv2 modify-target-group --target-group-arn {Aws.GroupArn("api")} {remedy}", finding.Remedy);
    }

    [Fact]
    public void Review_MatcherThatTakesRefusals_IsAWarning()
    {
        var finding = Assert.Single(WithApi(Aws.Group("api", 8001, "Matcher", new JsonObject { ["HttpCode"] = "200-404" })));

        Assert.Equal(("health-check-matcher", "a target that answers 301, 400, 401, 403, 404 counts as healthy"), (finding.Code, finding.Evidence));
        Assert.EndsWith(" --matcher HttpCode=200", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_GroupWithoutRule_IsUnused()
    {
        var unknown = Assert.Single(AwsListener.Good().Read(Aws.Group("api", 8001), Aws.Group("auth", 8002), Aws.Group("mlflow", 5000), Aws.Group("old", 9000)).Findings());
        Assert.Equal(("unused-group", $"aws elbv2 delete-target-group --target-group-arn {Aws.GroupArn("old")}"), (unknown.Code, unknown.Remedy));

        // A group of ours is rather missing a rule.
        var ours = Assert.Single(AwsListener.Good().Read(Aws.Group("api", 8001), Aws.Group("auth", 8002), Aws.Group("mlflow", 5000), Aws.Group("mlflow-2", 5000)).Findings());
        Assert.StartsWith("a rule for MLflow is missing, or", ours.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_TargetHealth_IsToldWithItsReason()
    {
        Assert.Equal((Severity.Error, "empty-group"), Only());
        Assert.Equal((Severity.Error, "no-healthy-target"), Only(("10.0.1.9", 8001, "unhealthy", "Target.Timeout")));
        Assert.Equal((Severity.Warning, "unhealthy-target"), Only(("10.0.1.9", 8001, "unhealthy", "Target.Timeout"), ("10.0.1.8", 8001, "healthy", null)));
        Assert.Equal((Severity.Information, "moving-target"), Only(("10.0.1.9", 8001, "initial", "Elb.RegistrationInProgress")));
        Assert.Equal((Severity.Warning, "port-mismatch"), Only(("10.0.1.9", 80, "healthy", null)));
        Assert.Empty(WithHealth(("10.0.1.9", 8001, "healthy", null)));
        Assert.Equal("10.0.1.9:8001 unhealthy, Target.Timeout; the load balancer then sends requests to all of them (fail open)", Assert.Single(WithHealth(("10.0.1.9", 8001, "unhealthy", "Target.Timeout"))).Evidence);

        static (Severity, string) Only(params (string, int, string, string?)[] targets) => Assert.Single(WithHealth(targets).Select(f => (f.Severity, f.Code)));
    }

    [Fact]
    public void Review_InstancesWithPortsOfTheirOwn_AreWell()
    {
        var groups = Groups(Aws.Group("api", 8001, "TargetType", "instance"));
        Assert.Empty(Aws.Read([AwsListener.Good()], groups, ("health-api.json", Aws.Health(("i-0123", 32768, "healthy", null)))).Findings());
    }

    [Theory]
    [InlineData(300, "waits 300 s before a target is taken out")]
    [InlineData(0, "waits 0 s before a target is taken out")]
    [InlineData(121, "waits 121 s before a target is taken out")]
    [InlineData(29, "waits 29 s before a target is taken out")]
    [InlineData(30, null)]
    [InlineData(120, null)]
    public void Review_DeregistrationDelay_HasBounds(int seconds, string? what) =>
        Assert.Equal(what is null ? [] : [what], Aws.Read([AwsListener.Good()], Groups(Aws.Group("api", 8001)), ("attributes-api.json", Aws.Delay(seconds))).Findings().Select(f => f.What));

    private static JsonObject[] Groups(JsonObject api) => [api, Aws.Group("auth", 8002), Aws.Group("mlflow", 5000)];

    private static IReadOnlyList<Finding> WithApi(JsonObject api) => Aws.Read([AwsListener.Good()], Groups(api)).Findings();

    private static IReadOnlyList<Finding> WithHealth(params (string, int, string, string?)[] targets) => Aws.Read([AwsListener.Good()], Groups(Aws.Group("api", 8001)), ("health-api.json", Aws.Health(targets))).Findings();
}
