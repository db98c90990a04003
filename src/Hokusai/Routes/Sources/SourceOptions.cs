using System.CommandLine;
using System.Net;

namespace Hokusai.Routes.Sources;

/// <summary>The options by which every verb is told where to read the routing from.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string?> _routes = new("--routes") { Description = "routes file (default: the one that came with the program)" };
    private readonly Option<string?> _state = new("--state") { Description = "what 'terraform show -json' prints of an applied state" };
    private readonly Option<string[]> _describe = new("--describe") { Description = "what 'aws elbv2 describe-rules', describe-target-groups, describe-target-health, describe-target-group-attributes and describe-listeners print, in any order", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _listener = new("--listener") { Description = "ARN of a listener, or of a load balancer for all of its listeners: read from AWS through the AWS CLI; may be given several times" };
    private readonly Option<string[]> _direct = DirectAccess();

    /// <summary>Adds them to a verb.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in (Option[])[_routes, _state, _describe, _listener, _direct]) command.Add(option);
        return command;
    }

    /// <summary>Networks for the rules that go past the gateway.</summary>
    public static Option<string[]> DirectAccess() => new("--direct-access") { Description = "network (CIDR) that may use the rules that go past the gateway; may be given several times" };

    /// <summary>The networks that were given.</summary>
    /// <exception cref="CommandFailure">One is none.</exception>
    public static IReadOnlyList<IPNetwork> Networks(string[]? given) =>
        [.. (given ?? []).Select(text => IPNetwork.TryParse(text, out var network) ? network : throw CommandFailure.Usage($"--direct-access '{text}': is no network; write it as 10.0.0.0/8"))];

    /// <summary>Reads what was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="files">Files that were given without an option.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandFailure">More than one source was given, or it can't be read.</exception>
    public async Task<RoutingSource> ReadAsync(ParseResult parsed, IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var networks = Networks(parsed.GetValue(_direct));
        var (routes, state, describe, listeners) = (parsed.GetValue(_routes), parsed.GetValue(_state), parsed.GetValue(_describe) ?? [], parsed.GetValue(_listener) ?? []);
        string[][] sources = [[.. files], routes is null ? [] : [routes], state is null ? [] : [state], describe];
        if (sources.Append(listeners).Count(s => s.Length > 0) > 1) throw CommandFailure.Usage("give one of --routes, --state, --describe, --listener and files");
        if (listeners.Length > 0) return await LiveListener.ReadAsync(listeners, cancellation);
        return await SourceFile.ReadAsync(sources.FirstOrDefault(s => s.Length > 0) ?? [RoutesFile.Standard], networks, cancellation);
    }
}
