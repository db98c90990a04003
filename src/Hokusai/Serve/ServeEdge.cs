using System.CommandLine;

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
        var targets = new Option<string[]>("--target") { Description = "address of a target group, as api=http://127.0.0.1:8001; may be given several times" };
        var direct = new Option<string[]>("--direct-access") { Description = "network (CIDR) that may use the rules that go past the gateway; may be given several times" };
        var command = new Command("edge", "the AWS load balancer in miniature") { host, port, config, routes, targets, direct };
        command.SetAction((parsed, cancellation) =>
        {
            var settings = Settings.Of("edge", parsed.GetValue(config));
            var options = RoleSettings.Edge(settings);
            settings.RefuseUnknown();
            var addresses = new Dictionary<string, string>(options.Targets);
            foreach (var target in parsed.GetValue(targets) ?? [])
            {
                var (name, address) = target.Split('=', 2) is [var n, var a] ? (n, a) : throw CommandFailure.Usage($"target '{target}': write it as api=http://127.0.0.1:8001");
                addresses[name] = address;
            }
            options = options with
            {
                RoutesFile = parsed.GetValue(routes) ?? options.RoutesFile,
                Targets = addresses,
                DirectAccessNetworks = parsed.GetValue(direct) is { Length: > 0 } networks ? networks : options.DirectAccessNetworks,
            };
            Settings.ThrowIfAny([.. settings.Faults, .. options.Faults(out _)]);
            var listen = ListenAddress.Parse(parsed.GetValue(host)!, parsed.GetValue(port));
            SocketScheduling.PreferInline();
            return ServeCommand.RunAsync("edge", around => RunningRole.StartEdgeAsync(options, listen, around, cancellation), parsed.InvocationConfiguration.Output, cancellation);
        });
        return command;
    }
}
