using System.CommandLine;

namespace Hokusai.Serve;

/// <summary><c>hokusai serve gateway</c>.</summary>
internal static class ServeGateway
{
    public static Command Create()
    {
        var host = ServeCommand.Host();
        var port = ServeCommand.Port(8001);
        var config = ServeCommand.Config();
        var upstream = new Option<string?>("--upstream") { Description = "address of the MLflow server (default: http://mlflow.hokusai.local:5000)" };
        var auth = new Option<string?>("--auth-service") { Description = "address of the auth service (default: http://auth.hokusai.local:8002)" };
        var drain = new Option<int>("--drain-delay") { Description = "seconds for which new requests are still taken after SIGTERM, while the load balancer notices", DefaultValueFactory = _ => 0 };
        var command = new Command("gateway", "the API service: keys, scopes, proxy to MLflow") { host, port, config, upstream, auth, drain };
        command.SetAction((parsed, cancellation) =>
        {
            var settings = Settings.Of("gateway", parsed.GetValue(config));
            var options = RoleSettings.Gateway(settings);
            options = options with { Upstream = parsed.GetValue(upstream) ?? options.Upstream, AuthService = parsed.GetValue(auth) ?? options.AuthService };
            settings.RefuseUnknown();
            if (parsed.GetValue(drain) is < 0 or > 3600) settings.Faults.Add($"drain-delay {parsed.GetValue(drain)}: must be 0 to 3600 seconds");
            Settings.ThrowIfAny([.. settings.Faults, .. options.Faults()]);
            var address = ListenAddress.Parse(parsed.GetValue(host)!, parsed.GetValue(port));
            SocketScheduling.PreferInline();
            return ServeCommand.RunAsync(
                "gateway", around => RunningRole.StartGatewayAsync(options, address, around, cancellation), parsed.InvocationConfiguration.Output, cancellation, TimeSpan.FromSeconds(parsed.GetValue(drain)));
        });
        return command;
    }
}
