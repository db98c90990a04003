using System.Net;
using Hokusai.Contracts.Routing;
using Hokusai.Edge.Balancing;

namespace Hokusai.Edge;

/// <summary>Settings of the edge, the load balancer in miniature. Those that the load balancer has as attributes bear their names.</summary>
/// <remarks>Source: AWS, "Edit attributes for your Application Load Balancer".</remarks>
public sealed record EdgeOptions
{
    /// <summary>The routing table, the same that Terraform builds the real listener rules from.</summary>
    /// <value>A path; default <c>routes.json</c> beside the program.</value>
    public string RoutesFile { get; init; } = "";

    /// <summary>Addresses of the targets by target group name.</summary>
    /// <value>For each target group that a rule uses any number of <c>http://HOST:PORT</c>, none for an empty group; default the loopback address with the group's port.</value>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Targets { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Networks from which the rules that go past the gateway may be used.</summary>
    /// <value>Networks in CIDR form; default none, which turns those rules off. Of no meaning for a table that was applied already.</value>
    public IReadOnlyList<string> DirectAccessNetworks { get; init; } = [];

    /// <summary>How long a connection may be without a byte, as the load balancer's idle timeout.</summary>
    /// <value>1 s to 4000 s, default 60 s.</value>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What becomes of <c>X-Forwarded-For</c>.</summary>
    /// <value>Default <see cref="ForwardedForMode.Append"/>.</value>
    public ForwardedForMode XffHeaderProcessingMode { get; init; }

    /// <summary>Whether the address that is put behind <c>X-Forwarded-For</c> has the client's port.</summary>
    /// <value>Default false. Of no meaning in the modes that put nothing behind it.</value>
    public bool XffClientPort { get; init; }

    /// <summary>Whether the Host header reaches the target as it came.</summary>
    /// <value>Default false: the port is taken off on listener ports 80 and 443, and put on elsewhere if it is missing.</value>
    public bool PreserveHostHeader { get; init; }

    /// <summary>Whether header fields whose names have other characters than letters, digits and hyphens are dropped.</summary>
    /// <value>Default false: they pass.</value>
    public bool DropInvalidHeaderFields { get; init; }

    /// <summary>All faults at once, each with setting, value and remedy; the checked table if there are none.</summary>
    /// <param name="table">The routing table that <see cref="RoutesFile"/> holds.</param>
    public IReadOnlyList<string> Faults(out RoutingTable? table)
    {
        table = null;
        var faults = new List<string>();
        IPNetwork[] direct = [.. DirectAccessNetworks.Where(n => IPNetwork.TryParse(n, out _)).Select(n => IPNetwork.Parse(n))];
        if (ReadRoutes(faults) is { } document) faults.AddRange(RoutingTable.TryBuild(document, direct, out table).Select(f => $"edge routesFile {RoutesPath}: {f.Text}"));
        return [.. faults, .. FaultsWith(table)];
    }

    /// <summary>All faults at once where the table comes from elsewhere, such as an applied state.</summary>
    /// <param name="table">The table; null if there is none to compare with.</param>
    public IReadOnlyList<string> FaultsWith(RoutingTable? table)
    {
        var faults = new List<string>();
        foreach (var network in DirectAccessNetworks.Where(n => !IPNetwork.TryParse(n, out _))) faults.Add($"edge directAccessNetworks '{network}': is no network; write it as 10.0.0.0/8");
        if (table is not null) faults.AddRange(TableFaults(table));
        foreach (var address in Targets.SelectMany(t => t.Value.Where(a => !TargetAddress.TryParse(a, out _)).Select(a => (Name: t.Key, Text: a)))) faults.Add($"edge targets '{address.Name}' '{address.Text}': write http://HOST:PORT");
        if (IdleTimeout < TimeSpan.FromSeconds(1) || IdleTimeout > TimeSpan.FromSeconds(4000)) faults.Add($"edge idleTimeout {IdleTimeout}: must be 00:00:01 to 01:06:40");
        return faults;
    }

    private string RoutesPath => RoutesFile.Length > 0 ? RoutesFile : Path.Combine(AppContext.BaseDirectory, "routes.json");

    private IEnumerable<string> TableFaults(RoutingTable table)
    {
        foreach (var name in Targets.Keys.Where(n => !table.Targets.ContainsKey(n))) yield return $"edge targets '{name}': is not among the target groups {string.Join(", ", table.Targets.Keys)}";
        foreach (var (at, action) in table.Rules.Select(r => ($"rule '{r.Name}'", r.Action)).Append(("the default action", table.Default)))
        {
            // To forward without what a real listener asks for first would be a lie about it.
            if (action is OtherAction other) yield return $"{at}: the miniature has no action '{other.Type}'; it forwards, redirects and gives fixed responses";
            foreach (var name in action.TargetNames.Where(n => !table.Targets.ContainsKey(n))) yield return $"{at}: forwards to '{name}', which is not among the target groups {string.Join(", ", table.Targets.Keys)}";
        }
        foreach (var (rule, other) in table.Rules.SelectMany(r => r.Conditions.OfType<OtherCondition>().Select(c => (r.Name, c.Field)))) yield return $"rule '{rule}': the miniature has no condition '{other}'; write it with wildcards";
    }

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
