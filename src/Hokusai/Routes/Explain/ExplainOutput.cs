using System.Globalization;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Explain;

/// <summary>What <c>hokusai routes explain</c> prints.</summary>
internal static class ExplainOutput
{
    public static async Task WriteAsync(TextWriter output, AskedRequest asked, IReadOnlyList<RouteExplanation> explanations, RoutingSource source)
    {
        foreach (var one in explanations)
        {
            await RoutesOutput.LineAsync(output, $"{asked.Request.Method} {asked.Url}{(explanations.Count > 1 || one.Listener.Port is not null ? $" at {one.Listener.Name}" : "")}", "bold");
            await FieldAsync(output, "rule", Rule(one), "green");
            await FieldAsync(output, one.Action is ForwardAction ? "target" : "answer", Target(one, source));
            if (one.PathAtTarget is { } path) await FieldAsync(output, "path", PathAtTarget(asked, path));
            if (one.HostAtTarget is { } host) await FieldAsync(output, "host", $"{host} at the target");
            foreach (var end in one.Ends) await EndAsync(output, end, one.Ends.Count > 1);
            foreach (var passed in one.Passed) await FieldAsync(output, "passed over", $"{passed.Label}: {passed.Why}");
        }
    }

    private static string Rule(RouteExplanation one) => one.Rule is { } rule
        ? $"{rule.Rule.Priority.ToString(CultureInfo.InvariantCulture)}{(rule.Rule.Name == $"rule {rule.Rule.Priority}" ? "" : $" {rule.Rule.Name}")}: {(one.Because.Count > 0 ? string.Join(", ", one.Because) : "has no condition")}{(rule.Before.Count > 0 ? $"; first {string.Join(", ", rule.Before)}" : "")}"
        : "default: no rule takes it";

    private static string Target(RouteExplanation one, RoutingSource source) => one.Action is not ForwardAction forward ? RuleText.Of(one.Action)
        : string.Join(" + ", forward.Targets.Select(t => $"{t.Target}{Port(source, t.Target)}{(forward.Targets.Count > 1 ? $" weight {t.Weight} of {forward.TotalWeight}" : "")}"));

    private static string Port(RoutingSource source, string group) => source.Groups.GetValueOrDefault(group)?.Group is { Port: > 0 } known ? string.Create(CultureInfo.InvariantCulture, $" (port {known.Port})") : "";

    private static string PathAtTarget(AskedRequest asked, string path) => path == asked.Request.Path + asked.Request.Query ? "unchanged at the load balancer" : $"rewritten at the load balancer to {path}";

    private static async Task EndAsync(TextWriter output, RouteEnd end, bool several)
    {
        var at = several ? $"{end.Group}: " : "";
        if (end.PathAtMlflow is { } path) await FieldAsync(output, "at MLflow", at + path);
        await FieldAsync(output, "endpoint", at + end.Endpoint);
        if (end.Warning is { } warning) await FieldAsync(output, "warning", at + warning, "yellow");
    }

    private static Task FieldAsync(TextWriter output, string name, string text, string? colour = null) => RoutesOutput.LineAsync(output, $"  {name,-12} {text}", colour);
}
