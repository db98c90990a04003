using System.CommandLine;
using Hokusai.Contracts.Routing;
using Hokusai.Edge;
using Hokusai.Routes.Sources;

namespace Hokusai.Serve;

/// <summary><c>hokusai serve edge</c>.</summary>
internal static class ServeEdge
{
    public static Command Create()
    {
        var host = ServeCommand.Host();
        var port = ServeCommand.Port(8080);
        var config = ServeCommand.Config();
        var routes = new Option<string?>("--routes") { Description = "routing table (default: the one that came with the program)" };
        var state = new Option<string?>("--state") { Description = "what 'terraform show -json' printed of the applied infrastructure, in place of a routing table" };
        var listener = new Option<int?>("--listener-port") { Description = "port of the listener in the state (default: the HTTPS one if there is one, else the HTTP one)" };
        var targets = new Option<string[]>("--target") { Description = "address of a target group, as api=http://127.0.0.1:8001; may be given several times, also for one group" };
        var direct = new Option<string[]>("--direct-access") { Description = "network (CIDR) that may use the rules that go past the gateway; may be given several times" };
        var command = new Command("edge", "the AWS load balancer in miniature") { host, port, config, routes, state, listener, targets, direct };
        command.SetAction((parsed, cancellation) =>
        {
            var stateFile = parsed.GetValue(state);
            if (stateFile is null && parsed.GetValue(listener) is { } unused) throw CommandFailure.Usage($"listener-port {unused}: chooses a listener of a state; give --state too");
            if (stateFile is not null && parsed.GetValue(routes) is { } both) throw CommandFailure.Usage($"routes '{both}': there is a table in the state already; give one of --routes and --state");
            if (stateFile is not null && parsed.GetValue(direct) is [var source, ..]) throw CommandFailure.Usage($"direct-access '{source}': the rules of a state have their source networks already; leave it out");
            var applied = stateFile is null ? ((RoutingTable Table, EdgeOptions Options)?)null : ReadState(stateFile, parsed.GetValue(listener));
            var settings = Settings.Of("edge", parsed.GetValue(config));
            var options = RoleSettings.Edge(settings, applied?.Options ?? new EdgeOptions());
            settings.RefuseUnknown();
            options = options with
            {
                RoutesFile = parsed.GetValue(routes) ?? options.RoutesFile,
                Targets = With(options.Targets, parsed.GetValue(targets) ?? []),
                DirectAccessNetworks = parsed.GetValue(direct) is { Length: > 0 } networks ? networks : options.DirectAccessNetworks,
            };
            Settings.ThrowIfAny([.. settings.Faults, .. applied is { } known ? options.FaultsWith(known.Table) : options.Faults(out _)]);
            var listen = ListenAddress.Parse(parsed.GetValue(host)!, parsed.GetValue(port));
            SocketScheduling.PreferInline();
            return ServeCommand.RunAsync("edge", around => RunningRole.StartEdgeAsync(options, listen, around, cancellation, applied?.Table), parsed.InvocationConfiguration.Output, cancellation);
        });
        return command;
    }

    /// <summary>The table of a listener in an applied state, and its load balancer's attributes as options.</summary>
    /// <exception cref="CommandFailure">The file is not there, or is no state with such a listener.</exception>
    internal static (RoutingTable Table, EdgeOptions Options) ReadState(string file, int? listenerPort)
    {
        try
        {
            var state = TerraformState.Parse(File.ReadAllText(file));
            var listener = state.Listener(listenerPort);
            foreach (var remark in state.Remarks) Console.Error.WriteLine($"hokusai: state '{file}': {remark}");
            return (state.TableOf(listener), new EdgeOptions
            {
                IdleTimeout = listener.LoadBalancer.IdleTimeout,
                XffHeaderProcessingMode = listener.LoadBalancer.ForwardedFor,
                XffClientPort = listener.LoadBalancer.ForwardedClientPort,
                PreserveHostHeader = listener.LoadBalancer.PreserveHost,
                DropInvalidHeaderFields = listener.LoadBalancer.DropInvalidHeaders,
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or NotSupportedException)
        {
            throw CommandFailure.Usage($"state '{file}': {e.Message}");
        }
    }

    // What flags say of a group takes the place of what the settings say of it.
    private static Dictionary<string, IReadOnlyList<string>> With(IReadOnlyDictionary<string, IReadOnlyList<string>> settings, string[] flags)
    {
        var given = flags.Select(flag => flag.Split('=', 2) is [var name, var address] ? (name, address) : throw CommandFailure.Usage($"target '{flag}': write it as api=http://127.0.0.1:8001"));
        var addresses = settings.ToDictionary(t => t.Key, t => t.Value);
        foreach (var group in given.GroupBy(t => t.name)) addresses[group.Key] = [.. group.Select(t => t.address)];
        return addresses;
    }
}
