using System.Text.Json.Nodes;
using Hokusai.Routes.Review;

namespace Hokusai.Tests.Routes.Review;

/// <summary>What a review finds in the rules of a listener.</summary>
public sealed class RouteFindingTests
{
    [Fact]
    public void Review_ListenerOfTheDesign_FindsNothing() => Assert.Empty(AwsListener.Good().Read().Findings());

    [Theory]
    [InlineData("/api*")]
    [InlineData("/api/mlflow/*")]
    [InlineData("/api/mlflow/api/2.0/mlflow/experiments/*")]
    public void Review_RuleOfTheIncident_IsTheFirstFinding(string pattern)
    {
        var listener = AwsListener.Good().Rule(5, "mlflow", pattern);

        var findings = listener.Read().Findings();

        var first = findings[0];
        Assert.Equal((Severity.Error, "misroute", "HTTPS:443, rule 5"), (first.Severity, first.Code, first.Place));
        Assert.Equal("sends MLflow's URLs to mlflow (MLflow) instead of the API service", first.What);
        Assert.StartsWith("GET https://registry.example.org/api/mlflow/api/2.0/mlflow/experiments/search (and ", first.Evidence, StringComparison.Ordinal);
        Assert.EndsWith("goes to mlflow, past the key check, as /api/mlflow/api/2.0/mlflow/experiments/search: the load balancer cuts no prefix, and MLflow answers 404", first.Evidence, StringComparison.Ordinal);
        Assert.Equal($"aws elbv2 modify-rule --rule-arn {listener.RuleArn(5)} --actions Type=forward,TargetGroupArn={Aws.GroupArn("api")}", first.Remedy);
    }

    [Fact]
    public void Review_CatchAllOfAnotherService_GetsARuleBeforeIt()
    {
        var listener = new AwsListener().Rule(1, "website", "/*").Rule(20, "auth", "/api/v1/keys", "/api/v1/keys/*");

        var findings = listener.Read(Aws.Group("website", 3000), Aws.Group("api", 8001), Aws.Group("auth", 8002)).Findings();

        Assert.Equal("sends MLflow's URLs to website instead of the API service", findings[0].What);
        // Nothing is free before priority 1: the catch-all makes room first.
        Assert.Equal(
            $$$"""
            aws elbv2 set-rule-priorities --rule-priorities RuleArn={{{listener.RuleArn(1)}}},Priority=21
            aws elbv2 create-rule --listener-arn {{{listener.Arn}}} --priority 1 --conditions '[{"Field":"path-pattern","PathPatternConfig":{"Values":["/api/mlflow","/api/mlflow/*"]}}]' --actions Type=forward,TargetGroupArn={{{Aws.GroupArn("api")}}}
            """, findings[0].Remedy);
    }

    [Fact]
    public void Review_RightRuleComesTooLate_IsMoved()
    {
        var listener = new AwsListener().Rule(7, "website", "/*").Rule(10, "api", "/api/mlflow", "/api/mlflow/*");

        var findings = listener.Read(Aws.Group("website", 3000), Aws.Group("api", 8001)).Findings();

        Assert.Equal(["misroute", "unreachable-rule"], findings.Select(f => f.Code));
        Assert.Equal($"aws elbv2 set-rule-priorities --rule-priorities RuleArn={listener.RuleArn(10)},Priority=6", findings[0].Remedy);
    }

    [Fact]
    public void Review_HeaderLeadsPastTheGateway_IsAMisrouteWithTheHeaderNamed()
    {
        var listener = AwsListener.Good().Rule(5, Aws.Forward("mlflow"), [Aws.Path("/api/mlflow/*"), Aws.Header("X-Beta", "1*"), Aws.Query("v", "2"), Aws.Source("10.0.0.0/8")]);

        var finding = Assert.Single(listener.Read().Findings());

        Assert.Equal("misroute", finding.Code);
        Assert.Contains("experiments/search, with header X-Beta: 1*, with query v=2, with source 10.0.0.0/8 (and ", finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_WeightedForward_CountsWhoGetsAnything()
    {
        Assert.Equal("misroute", AwsListener.Good().Without(10).Rule(10, Aws.Forward(("api", 9), ("mlflow", 1)), [Aws.Path("/api/mlflow", "/api/mlflow/*")]).Read().Findings()[0].Code);
        Assert.Empty(AwsListener.Good().Without(10).Rule(10, Aws.Forward(("api", 9), ("mlflow", 0)), [Aws.Path("/api/mlflow", "/api/mlflow/*")]).Read().Findings());
    }

    [Fact]
    public void Review_OtherHosts_AreOtherServices()
    {
        var listener = new AwsListener().Rule(5, Aws.Forward("website"), [Aws.Host("www.example.com")])
            .Rule(10, Aws.Forward("api"), [Aws.Host("*.registry.example.com"), Aws.Path("/api/mlflow", "/api/mlflow/*")]);

        Assert.Empty(listener.Read(Aws.Group("website", 3000), Aws.Group("api", 8001)).Findings());
    }

    [Fact]
    public void Review_KeysGoToTheApi_IsAMisroute()
    {
        var finding = AwsListener.Good().Without(20).Read().Findings()[0];

        Assert.Equal("sends URLs of the auth service to api (the API service) instead of the auth service", finding.What);
        Assert.Contains("--priority 29 ", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_NoRuleOrAFixedResponse_IsUnrouted()
    {
        var none = new AwsListener().Rule(20, "auth", "/api/v1/keys", "/api/v1/keys/*").Rule(30, "api", "/other").Read(Aws.Group("api", 8001), Aws.Group("auth", 8002)).Findings();
        Assert.Equal(("unrouted", "HTTPS:443, default", "gets MLflow's URLs, which no rule takes"), (none[0].Code, none[0].Place, none[0].What));
        Assert.Contains("--priority 1 ", none[0].Remedy, StringComparison.Ordinal);

        var answered = AwsListener.Good().Without(10).Rule(10, Aws.Fixed(503), [Aws.Path("/api/mlflow", "/api/mlflow/*")]).Read().Findings();
        Assert.Equal(("unrouted", "answers MLflow's URLs itself"), (answered[0].Code, answered[0].What));

        // A method that the rules leave out: PATCH and DELETE are used for tags and versions.
        var methods = new AwsListener().Rule(10, Aws.Forward("api"), [Aws.Path("/api/mlflow", "/api/mlflow/*"), Aws.Method("GET", "HEAD", "POST")]).Read(Aws.Group("api", 8001)).Findings();
        Assert.Equal("gets some of MLflow's URLs, which no rule takes", methods[0].What);
    }

    [Fact]
    public void Review_RedirectWithinHttps_IsAWarning() =>
        Assert.Equal((Severity.Warning, "redirected"), AwsListener.Good().Without(10).Rule(10, Aws.ToHttps(), [Aws.Path("/api/mlflow", "/api/mlflow/*")]).Read().Findings().Select(f => (f.Severity, f.Code)).First());

    [Fact]
    public void Review_RewriteThatTheGatewayDoesNotKnow_IsAnError()
    {
        var finding = AwsListener.Good().Without(10).Rule(10, Aws.Forward("api"), [Aws.Path("/api/mlflow", "/api/mlflow/*")], Aws.UrlRewrite("^/api/mlflow/(.*)$", "/v2/$1")).Read().Findings()[0];

        Assert.Equal(("rewrite", "GET https://registry.example.org/api/mlflow/api/2.0/mlflow/experiments/search arrives as /v2/api/2.0/mlflow/experiments/search and is answered 404"), (finding.Code, finding.Evidence));
        Assert.EndsWith(" --reset-transforms", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_MlflowOpenToAll_IsAnErrorAndTheRemediesKeepEachOther()
    {
        var listener = AwsListener.Good().Without(40).Without(50).Rule(50, "mlflow", "/mlflow/*");

        var findings = listener.Read().Findings();

        Assert.Equal(["mlflow-open", "missing-rewrite", "missing-twin"], findings.Select(f => f.Code));
        Assert.Equal([Severity.Error, Severity.Warning, Severity.Warning], findings.Select(f => f.Severity));
        // Conditions are replaced as a whole: what a later command writes must not open what an earlier one closed.
        Assert.All(findings, finding => Assert.Contains("""{"Field":"source-ip","SourceIpConfig":{"Values":["192.0.2.0/24"]}}""", finding.Remedy, StringComparison.Ordinal));
        Assert.Contains("""{"Values":["/mlflow","/mlflow/*"]}""", findings[2].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_DirectRestWithoutRewrite_IsAnErrorWithTheTransform()
    {
        var listener = AwsListener.Good().Without(40).Rule(40, Aws.Forward("mlflow"), [Aws.Path("/mlflow/api/*"), Aws.Source("10.0.0.0/8")]);

        var finding = Assert.Single(listener.Read().Findings());

        Assert.Equal((Severity.Error, "missing-rewrite"), (finding.Severity, finding.Code));
        Assert.Equal($$$"""aws elbv2 modify-rule --rule-arn {{{listener.RuleArn(40)}}} --transforms '[{"Type":"url-rewrite","UrlRewriteConfig":{"Rewrites":[{"Regex":"^/mlflow/api/(.*)$","Replace":"/api/$1"}]}}]'""", finding.Remedy);
    }

    [Fact]
    public void Review_DefaultAction_MustBeAFixed404()
    {
        Assert.Equal((Severity.Error, "default-action"), DefaultTo(Aws.Forward("mlflow")));
        Assert.Equal((Severity.Warning, "default-action"), DefaultTo(Aws.Forward("api")));
        Assert.Equal((Severity.Warning, "default-action"), DefaultTo(Aws.Fixed(503)));
        Assert.Equal((Severity.Warning, "default-action"), DefaultTo(Aws.ToHttps()));

        static (Severity, string) DefaultTo(JsonObject action) => Assert.Single(AwsListener.Good().DefaultTo(action).Read().Findings().Select(f => (f.Severity, f.Code)));
    }

    [Fact]
    public void Review_HiddenRule_IsAnErrorOnlyIfItWouldDoSomethingElse()
    {
        var same = Assert.Single(AwsListener.Good().Rule(35, "api", "/api/other/*", "/api/other").Read().Findings());
        Assert.Equal((Severity.Warning, "unreachable-rule"), (same.Severity, same.Code));
        Assert.StartsWith("aws elbv2 delete-rule ", same.Remedy, StringComparison.Ordinal);

        var other = Assert.Single(AwsListener.Good().Rule(35, "auth", "/api/other/*", "/api/other").Read().Findings(), f => f.Code == "unreachable-rule");
        Assert.Equal(Severity.Error, other.Severity);
        Assert.Equal("'/api/other/*' is taken by rule 'rule 30' (priority 30), '/api/other' is taken by rule 'rule 30' (priority 30)", other.Evidence);
        Assert.EndsWith(",Priority=29", other.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_SamePriorityTwice_IsAnError() =>
        Assert.Equal((Severity.Error, "duplicate-priority", "HTTPS:443, priority 30"), AwsListener.Good().Rule(30, "api", "/third", "/third/*").Read().Findings().Select(f => (f.Severity, f.Code, f.Place)).First());

    [Fact]
    public void Review_MissingTwin_IsAWarningUnlessAnotherRuleDoesTheSame()
    {
        var finding = Assert.Single(AwsListener.Good().Without(20).Rule(20, "auth", "/api/v1/keys/*").Read().Findings());
        Assert.Equal(("missing-twin", "GET /api/v1/keys goes to rule 30: api"), (finding.Code, finding.Evidence));

        Assert.Empty(AwsListener.Good().Without(10).Rule(10, "api", "/api/mlflow/*").Read().Findings());
    }

    [Fact]
    public void Review_WhatCannotBeJudged_IsSaid()
    {
        var authenticate = new JsonObject { ["Type"] = "authenticate-oidc", ["Order"] = 1 };
        var forward = Aws.Forward("mlflow");
        forward["Order"] = 2;
        var listener = AwsListener.Good().Rule(60, [forward, authenticate], [Aws.Path("/ui", "/ui/*")]).Rule(61, Aws.Forward("api"), [Aws.PathRegex("^/v[0-9]+/")]).Rule(62, Aws.Forward("api"), [Aws.Path("/b", "/b/*")], Aws.UrlRewrite("(?<=b)c", "d"));

        var findings = listener.Read().Findings();

        Assert.All(findings, finding => Assert.Equal((Severity.Information, "not-judged"), (finding.Severity, finding.Code)));
        Assert.Equal(["has an action that can't be judged here: authenticate-oidc", "has a condition that can't be judged here: path-pattern (regular expression)", "has a rewrite that can't be read here"], findings.Select(f => f.What));
    }
}
