using System.Net;
using Hokusai.Contracts.Routing;

namespace Hokusai.Edge;

/// <summary>Settings of the edge, the load balancer in miniature.</summary>
public sealed record EdgeOptions
{
    /// <summary>The routing table, the same that Terraform builds the real listener rules from.</summary>
    /// <value>A path; default <c>routes.json</c> beside the program.</value>
    public string RoutesFile { get; init; } = "";

    /// <summary>Addresses of the targets by target group name.</summary>
    /// <value>For each target group that a rule uses one <c>http://HOST:PORT</c>; default the loopback address with the group's port.</value>
    public IReadOnlyDictionary<string, string> Targets { get; init; } = new Dictionary<string, string>();

    /// <summary>Networks from which the rules that go past the gateway may be used.</summary>
    /// <value>Networks in CIDR form; default none, which turns those rules off.</value>
    public IReadOnlyList<string> DirectAccessNetworks { get; init; } = [];

    /// <summary>How long a connection may be without a byte, as the load balancer's idle timeout.</summary>
    /// <value>1 s to 4000 s, default 60 s.</value>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>All faults at once, each with setting, value and remedy; the checked table if there are none.</summary>
    /// <param name="table">The routing table.</param>
    public IReadOnlyList<string> Faults(out RoutingTable? table)
    {
        table = null;
        var faults = new List<string>();
        foreach (var network in DirectAccessNetworks.Where(n => !IPNetwork.TryParse(n, out _))) faults.Add($"edge directAccessNetworks '{network}': is no network; write it as 10.0.0.0/8");
        IPNetwork[] direct = [.. DirectAccessNetworks.Where(n => IPNetwork.TryParse(n, out _)).Select(n => IPNetwork.Parse(n))];
        if (ReadRoutes(faults) is { } document) faults.AddRange(RoutingTable.TryBuild(document, direct, out table).Select(f => $"edge routesFile {RoutesPath}: {f.Text}"));
        foreach (var (name, address) in Targets)
        {
            if (table is not null && !table.Targets.ContainsKey(name)) faults.Add($"edge targets '{name}': is not among the target groups {string.Join(", ", table.Targets.Keys)}");
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) faults.Add($"edge targets '{name}' '{address}': write http://HOST:PORT");
        }
        if (IdleTimeout < TimeSpan.FromSeconds(1) || IdleTimeout > TimeSpan.FromSeconds(4000)) faults.Add($"edge idleTimeout {IdleTimeout}: must be 00:00:01 to 01:06:40");
        return faults;
    }

    private string RoutesPath => RoutesFile.Length > 0 ? RoutesFile : Path.Combine(AppContext.BaseDirectory, "routes.json");

    private RoutingDocument? ReadRoutes(List<string> faults)
    {
        try
        {
            return RoutingDocument.Parse(File.ReadAllText(RoutesPath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            faults.Add($"edge routesFile {RoutesPath}: {e.Message}");
            return null;
        }
    }
}
