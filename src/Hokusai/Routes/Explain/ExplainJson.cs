using System.Text.Json.Nodes;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Explain;

/// <summary>The same as JSON, one object a listener.</summary>
internal static class ExplainJson
{
    public static JsonArray Of(AskedRequest asked, IEnumerable<RouteExplanation> explanations) => RoutesOutput.Array(explanations.Select(one => new JsonObject
    {
        ["method"] = asked.Request.Method,
        ["url"] = asked.Url,
        ["listener"] = one.Listener.Name,
        ["rule"] = one.Rule is null ? null : new JsonObject { ["priority"] = one.Rule.Rule.Priority, ["name"] = one.Rule.Rule.Name, ["arn"] = one.Rule.Arn },
        ["because"] = RoutesOutput.Array(one.Because),
        ["before"] = RoutesOutput.Array(one.Rule?.Before ?? []),
        ["action"] = RuleText.Of(one.Action),
        ["targets"] = RoutesOutput.Array(one.Action.TargetNames),
        ["path_at_target"] = one.PathAtTarget,
        ["path_changed"] = one.PathAtTarget is null ? null : one.PathAtTarget != asked.Request.Path + asked.Request.Query,
        ["host_at_target"] = one.HostAtTarget,
        ["ends"] = RoutesOutput.Array(one.Ends.Select(End)),
        ["passed_over"] = RoutesOutput.Array(one.Passed.Select(p => new JsonObject { ["priority"] = p.Priority, ["rule"] = p.Label, ["why"] = p.Why })),
    }));

    private static JsonObject End(RouteEnd end) => new()
    {
        ["target_group"] = end.Group,
        ["role"] = end.Role.ToString().ToLowerInvariant(),
        ["path_at_mlflow"] = end.PathAtMlflow,
        ["endpoint"] = end.Gateway is null ? end.Endpoint : end.Gateway.Endpoint,
        ["class"] = end.Gateway?.Class,
        ["scope"] = end.Gateway?.Scope,
        ["retry"] = end.Gateway?.Retry,
        ["body"] = end.Gateway?.Body,
        ["own"] = end.Gateway?.IsOwn,
        ["summary"] = end.Endpoint,
        ["warning"] = end.Warning,
    };
}
