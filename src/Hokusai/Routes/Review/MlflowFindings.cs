using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>Ways to MLflow itself: who may use them, and whether MLflow knows what arrives; and what happens where no rule holds.</summary>
internal static class MlflowFindings
{
    private const string Sample = "/mlflow/api/2.0/mlflow/experiments/search";

    private static readonly RewriteTransform Rewrite = new("^/mlflow/api/(.*)$", "/api/$1");

    private static readonly FixedResponseAction NotFound = new(new FixedResponse(404, "application/json", ""));

    public static IEnumerable<Finding> Of(ListenerView listener, ReviewInput input)
    {
        foreach (var rule in listener.Rules.Where(r => input.Sends(r.Rule.Action, Role.Mlflow)))
        {
            var at = $"{listener.Name}, {rule.Label}";
            // Rules about /api are misroutes, whose remedy takes MLflow out of them.
            if (!rule.Rule.HasSources && rule.Before.Count == 0 && !(rule.Rule.Paths.Count > 0 && rule.Rule.Paths.All(p => PathPattern.Covers("/api*", p))))
                yield return new(Severity.Error, "mlflow-open", at, "leads to MLflow, past the key check, from every address", $"GET {ReviewInput.Url(listener, input.Hosts[0], rule.Rule.Paths is [var path, ..] ? SampleRequest.Text(path) : "/")} needs no key", input.Remedies.AddSources(rule));
            if (Unrewritten(listener, rule) is { } severity)
                yield return new(severity, "missing-rewrite", at, "sends REST calls to MLflow with a path that it does not have", $"GET {ReviewInput.Url(listener, input.Hosts[0], Sample)} arrives as {Sample}: MLflow's REST paths begin with /api whatever its static prefix, so it answers 404", RewriteRemedy(listener, rule, input));
        }
        foreach (var finding in OfDefault(listener, input)) yield return finding;
    }

    private static Severity? Unrewritten(ListenerView listener, RuleView rule)
    {
        var request = SampleRequest.For(rule.Rule, "GET", Sample);
        if (!ReferenceEquals(listener.Match(request), rule) || listener.Table.Rewrite(rule.Rule, Sample) != Sample) return null;
        return rule.Rule.Paths.Any(p => p.StartsWith("/mlflow/api", StringComparison.Ordinal)) ? Severity.Error : Severity.Warning;
    }

    private static string RewriteRemedy(ListenerView listener, RuleView rule, ReviewInput input)
    {
        if (rule.Rule.Paths.Count > 0 && rule.Rule.Paths.All(p => PathPattern.Covers("/mlflow/api*", p))) return input.Remedies.SetRewrite(rule, Rewrite);
        var conditions = input.Remedies.ConditionsOf(rule).Where(c => c is not PathCondition).Prepend(new PathCondition(["/mlflow/api/*"])).ToList();
        return input.Remedies.Create(listener, input.Remedies.TakeBefore(listener, rule.Rule.Priority) ?? input.Remedies.TakeFrom(listener, 1), conditions, rule.Rule.Action, Rewrite);
    }

    private static IEnumerable<Finding> OfDefault(ListenerView listener, ReviewInput input)
    {
        var at = $"{listener.Name}, default";
        var remedy = input.Remedies.SetDefault(listener, NotFound);
        var evidence = $"GET {ReviewInput.Url(listener, input.Hosts[0], "/anything")}: {RuleText.Of(listener.Default)}";
        switch (listener.Default)
        {
            case ForwardAction forward when input.Sends(forward, Role.Mlflow):
                yield return new(Severity.Error, "default-action", at, "leads to MLflow, past the key check, from every address", evidence, remedy);
                break;
            case ForwardAction:
                yield return new(Severity.Warning, "default-action", at, "forwards what no rule takes", $"{evidence}; what nobody meant to offer is offered", remedy);
                break;
            case FixedResponseAction { Response.Status: not 404 }:
                yield return new(Severity.Warning, "default-action", at, "answers something other than 404 to what no rule takes", $"{evidence}; clients try again on 5xx and take 2xx for an answer", remedy);
                break;
            case RedirectAction when !(listener.Protocol == "HTTP" && ListenerView.IsToHttps(listener.Default)):
                yield return new(Severity.Warning, "default-action", at, "redirects what no rule takes", evidence, remedy);
                break;
        }
    }
}
