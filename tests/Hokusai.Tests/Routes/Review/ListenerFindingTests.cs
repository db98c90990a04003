using Hokusai.Routes.Review;

namespace Hokusai.Tests.Routes.Review;

/// <summary>What a review finds between the listeners of a load balancer.</summary>
public sealed class ListenerFindingTests
{
    private static readonly System.Text.Json.Nodes.JsonObject[] Groups = [Aws.Group("api", 8001), Aws.Group("auth", 8002), Aws.Group("mlflow", 5000)];

    private static AwsListener Http => new("HTTP", 80, "2222222222222222");

    [Fact]
    public void Review_HttpOnlySendsOn_FindsNothing() => Assert.Empty(Aws.Read([AwsListener.Good(), Http.DefaultTo(Aws.ToHttps())], Groups).Findings());

    [Fact]
    public void Review_HttpSendsItsPathsOnAndAnswersTheRestItself_FindsNothing() =>
        Assert.Empty(Aws.Read([AwsListener.Good(), Http.Rule(10, Aws.ToHttps(), [Aws.Path("/api/mlflow", "/api/mlflow/*")])], Groups).Findings());

    [Fact]
    public void Review_RuleOnOneListenerOnly_IsCreatedOnTheOther()
    {
        var (https, http) = (AwsListener.Good(), AwsListener.Good("HTTP", 8080, "2222222222222222").Without(20).Rule(20, "api", "/x", "/x/*"));

        var findings = Aws.Read([https, http], Groups).Findings().Where(f => f.Code == "one-listener-only").ToList();

        Assert.Equal(["is on HTTPS:443 and not on HTTP:8080", "is on HTTP:8080 and not on HTTPS:443"], findings.Select(f => f.What));
        Assert.All(findings, finding => Assert.Equal(Severity.Warning, finding.Severity));
        // Its own priority is taken there.
        Assert.StartsWith($"aws elbv2 create-rule --listener-arn {http.Arn} --priority 21 ", findings[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_SameRuleWithOtherTargets_IsAnErrorMendedTowardsTheApi()
    {
        var http = AwsListener.Good("HTTP", 80, "2222222222222222").Without(10).Rule(10, "mlflow", "/api/mlflow/*", "/api/mlflow");

        var findings = Aws.Read([AwsListener.Good(), http], Groups).Findings();

        Assert.Equal(("misroute", "HTTP:80, rule 10"), (findings[0].Code, findings[0].Place));
        var finding = Assert.Single(findings, f => f.Code == "different-targets");
        Assert.Equal((Severity.Error, "does something else than the same rule on HTTPS:443"), (finding.Severity, finding.What));
        Assert.Equal($"aws elbv2 modify-rule --rule-arn {http.RuleArn(10)} --actions Type=forward,TargetGroupArn={Aws.GroupArn("api")}", finding.Remedy);
    }

    [Fact]
    public void Review_ClearTextBesideHttps_IsAWarningAndAloneAnInformation()
    {
        var http = AwsListener.Good("HTTP", 80, "2222222222222222");

        var beside = Assert.Single(Aws.Read([AwsListener.Good(), http], Groups).Findings());
        Assert.Equal((Severity.Warning, "clear-text", "HTTP:80"), (beside.Severity, beside.Code, beside.Place));
        Assert.Equal(6, beside.Remedy.Split('\n').Length);
        Assert.StartsWith($"aws elbv2 modify-listener --listener-arn {http.Arn} --default-actions '[{{\"Type\":\"redirect\",\"RedirectConfig\":{{\"Protocol\":\"HTTPS\"", beside.Remedy, StringComparison.Ordinal);

        Assert.Equal((Severity.Information, "clear-text"), Assert.Single(Aws.Read([http], Groups).Findings().Select(f => (f.Severity, f.Code))));
    }
}
