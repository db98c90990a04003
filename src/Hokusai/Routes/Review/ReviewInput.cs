using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Keys;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>What every part of a review looks at.</summary>
internal sealed class ReviewInput
{
    /// <summary>Where clients have the gateway (docs: the tracking URI ends in it).</summary>
    public const string Prefix = "/api/mlflow";

    /// <summary>The URL that stands for all: the first thing that MLflow's client asks.</summary>
    private const string First = "/api/mlflow/api/2.0/mlflow/experiments/search";

    /// <param name="source">What was read.</param>
    /// <param name="roles">What stands behind the target groups.</param>
    /// <param name="hosts">Host names under which clients come; empty for those that the rules name.</param>
    public ReviewInput(RoutingSource source, Roles roles, IReadOnlyList<string> hosts)
    {
        (Source, Roles, Remedies) = (source, roles, new Remedies(source));
        HostsTold = hosts.Count > 0;
        Hosts = HostsTold ? hosts : [.. HostsOf(Role.Api) is { Count: > 0 } named ? named : HostsOf(Role.Mlflow)];
        if (Hosts.Count == 0) Hosts = [SampleRequest.Host];
    }

    public RoutingSource Source { get; }

    public Roles Roles { get; }

    public Remedies Remedies { get; }

    /// <summary>Host names under which clients come.</summary>
    public IReadOnlyList<string> Hosts { get; }

    public bool HostsTold { get; }

    /// <summary>What MLflow's clients send: everything in the gateway's catalogue, behind its prefix.</summary>
    public static IReadOnlyList<(string Method, string Path)> MlflowUrls { get; } =
        [.. GatewayRoute.Samples.Select(s => (s.Method, Path: Prefix + s.Path)).Append((Method: "GET", Path: Prefix)).OrderBy(s => s.Path == First ? 0 : 1)];

    /// <summary>What clients send to the auth service.</summary>
    public static IReadOnlyList<(string Method, string Path)> KeysUrls { get; } = [.. KeysEndpoints.ThroughLoadBalancer.Where(e => e.Path != "/health")];

    /// <summary>The groups that an action sends anything to.</summary>
    public static IReadOnlyList<string> Receivers(RuleAction action) => action is ForwardAction forward ? [.. forward.Targets.Where(t => t.Weight > 0 || forward.Targets.Count == 1).Select(t => t.Target)] : [];

    /// <summary>A group of a role to send requests to; one that says what it is if there is none.</summary>
    public string GroupFor(Role role) => Roles.Groups(role) is [var first, ..] ? first : $"TARGET-GROUP-OF-{role.ToString().ToUpperInvariant()}";

    public bool Sends(RuleAction action, Role role) => Receivers(action).Any(group => Roles.Of(group) == role);

    /// <summary>A listener's URL for a request.</summary>
    public static string Url(ListenerView listener, string host, string path) =>
        $"{(listener.Protocol == "HTTP" ? "http" : "https")}://{host}{(listener.Port is { } port && port is not (80 or 443) ? $":{port}" : "")}{path}";

    private List<string> HostsOf(Role role)
    {
        var actions = Source.Listeners.SelectMany(l => l.Rules.Select(r => (r.Rule.Action, Hosts: r.Rule.Conditions.OfType<HostCondition>().FirstOrDefault())).Append((l.Default, null))).Where(r => Sends(r.Item1, role)).Select(r => r.Item2).ToList();
        return [.. actions.SelectMany(h => h is null ? [SampleRequest.Host] : h.Patterns.Select(SampleRequest.Text)).Distinct()];
    }
}
