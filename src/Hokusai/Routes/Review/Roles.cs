using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>What stands behind a target group.</summary>
internal enum Role
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>The API service, the gateway.</summary>
    Api,

    /// <summary>MLflow itself.</summary>
    Mlflow,

    /// <summary>The auth service.</summary>
    Auth,
}

/// <summary>What stands behind each target group: as it was told, or else by name and port. A guess is told as one.</summary>
internal sealed class Roles
{
    private readonly Dictionary<string, (Role Role, string Why)> _roles = new(StringComparer.Ordinal);

    // What decides if a name hints at several: the special word before the general one.
    private static readonly (Role Role, string[] Words)[] Hints =
    [
        (Role.Mlflow, ["mlflow", "tracking"]),
        (Role.Auth, ["auth", "keys"]),
        (Role.Api, ["api", "gateway"]),
        (Role.Mlflow, ["registry"]),
    ];

    public Roles(RoutingSource source, IReadOnlyDictionary<string, Role> told)
    {
        foreach (var (name, group) in source.Groups) _roles[name] = told.TryGetValue(name, out var role) ? (role, "as told") : Guess(name, group.Group.Port);
    }

    /// <summary>A line for each target group: what it was taken for, and why.</summary>
    public IEnumerable<string> Assumptions => _roles.Select(r => $"target group {r.Key}: {(r.Value.Role == Role.Unknown ? "not known what stands behind it" : $"taken for {Word(r.Value.Role)}")}, {r.Value.Why}");

    public Role Of(string group) => _roles.TryGetValue(group, out var known) ? known.Role : Role.Unknown;

    /// <summary>The target groups of a role.</summary>
    public IReadOnlyList<string> Groups(Role role) => [.. _roles.Where(r => r.Value.Role == role).Select(r => r.Key)];

    public static string Word(Role role) => role switch
    {
        Role.Api => "the API service",
        Role.Mlflow => "MLflow",
        Role.Auth => "the auth service",
        _ => "something unknown",
    };

    private static (Role, string) Guess(string name, int port)
    {
        var byPort = port switch
        {
            5000 => Role.Mlflow,
            8001 => Role.Api,
            8002 => Role.Auth,
            _ => Role.Unknown,
        };
        var hinted = Hints.SelectMany(h => h.Words.Where(w => name.Contains(w, StringComparison.OrdinalIgnoreCase)).Select(word => (h.Role, Word: word))).ToList();
        if (hinted.Count == 0) return byPort == Role.Unknown ? (byPort, $"neither its name nor its port {port} says so") : (byPort, $"by its port {port}");
        if (hinted.Select(h => h.Role).Distinct().Count() > 1 && hinted.Any(h => h.Role == byPort)) return (byPort, $"by its port {port}, since its name hints at several");
        return (hinted[0].Role, $"since its name contains '{hinted[0].Word}'");
    }
}
