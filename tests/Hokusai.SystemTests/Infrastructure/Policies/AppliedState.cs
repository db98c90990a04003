using System.Text.Json;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Everything that was applied, and how it hangs together: by ARNs, ids and names, not by what the code calls things.</summary>
internal sealed class AppliedState
{
    private readonly List<StateResource> _resources;

    /// <param name="state">What <c>terraform show -json</c> tells.</param>
    /// <param name="folder">The configuration that was applied, for <c>routes.json</c> and <c>gateway-metrics.json</c>.</param>
    /// <param name="production">Whether it stands for what must not be lost.</param>
    public AppliedState(JsonElement state, string folder, bool production)
    {
        _resources = [.. Walk(state.GetProperty("values").GetProperty("root_module"))];
        Routes = Parse(Path.Combine(folder, "routes.json"));
        GatewayMetrics = Parse(Path.Combine(folder, "gateway-metrics.json"));
        Production = production;
        Services = [.. Of("aws_ecs_service").Select(service => new ServiceView(this, service))];
    }

    public JsonElement Routes { get; }

    public JsonElement GatewayMetrics { get; }

    public bool Production { get; }

    /// <summary>The services on ECS.</summary>
    public IReadOnlyList<ServiceView> Services { get; }

    public IReadOnlyList<StateResource> Resources => _resources;

    public IEnumerable<StateResource> Of(string type) => _resources.Where(resource => resource.Type == type);

    /// <summary>The resource of a type whose attribute has a value; null if there is none.</summary>
    public StateResource? Find(string type, string attribute, string value) => Of(type).FirstOrDefault(resource => resource.Text(attribute) == value);

    /// <summary>The rules of a listener by priority.</summary>
    public IEnumerable<StateResource> Rules(StateResource listener) => Of("aws_lb_listener_rule").Where(rule => rule.Text("listener_arn") == listener.Text("arn")).OrderBy(rule => rule.Number("priority"));

    /// <summary>Target groups that some rule or default action forwards to.</summary>
    public IReadOnlySet<string> UsedTargetGroups => _resources.SelectMany(Forwards).ToHashSet(StringComparer.Ordinal);

    /// <summary>Target groups that a rule, or a listener by default, forwards to.</summary>
    public static IEnumerable<string> Forwards(StateResource rule) => rule.Blocks(rule.Type == "aws_lb_listener" ? "default_action" : "action")
        .SelectMany(action => action.Blocks("forward").SelectMany(forward => forward.Blocks("target_group")).Select(group => group.Text("arn")).Append(action.Text("target_group_arn")))
        .Where(arn => arn.Length > 0);

    private static IEnumerable<StateResource> Walk(JsonElement module)
    {
        if (module.TryGetProperty("resources", out var resources))
        {
            foreach (var resource in resources.EnumerateArray().Where(resource => resource.GetProperty("mode").GetString() == "managed"))
                yield return new StateResource(resource.GetProperty("address").GetString()!, resource.GetProperty("type").GetString()!, resource.GetProperty("values"))
                {
                    After = resource.TryGetProperty("depends_on", out var needed) ? [.. needed.EnumerateArray().Select(address => address.GetString()!)] : [],
                };
        }
        if (!module.TryGetProperty("child_modules", out var children)) yield break;
        foreach (var found in children.EnumerateArray().SelectMany(Walk)) yield return found;
    }

    private static JsonElement Parse(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
