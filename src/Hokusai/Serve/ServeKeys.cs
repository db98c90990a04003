using System.CommandLine;
using Hokusai.Keys;

namespace Hokusai.Serve;

/// <summary><c>hokusai serve keys</c>.</summary>
internal static class ServeKeys
{
    public static Command Create()
    {
        var host = ServeCommand.Host();
        var port = ServeCommand.Port(8002);
        var config = ServeCommand.Config();
        var store = new Option<string?>("--store-uri") { Description = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME (default: sqlite:///keys.db)" };
        var pepper = new Option<string?>("--pepper-file") { Description = "file with the secret of the hashes, made at the first start (default: keys.pepper)" };
        var adminHost = new Option<string?>("--admin-host") { Description = "address to listen on for administration (default: 127.0.0.1)" };
        var adminPort = new Option<int?>("--admin-port") { Description = "port for administration; 0 takes a free one (default: 8003)" };
        var bootstrap = new Option<bool>("--bootstrap") { Description = "issue a first key with all scopes if there is none, and print it once" };
        var wait = ServeCommand.StartWait();
        var command = new Command("keys", "the auth service: issues, validates and revokes API keys") { host, port, adminHost, adminPort, config, store, pepper, bootstrap, wait };
        command.SetAction((parsed, cancellation) =>
        {
            var settings = Settings.Of("keys", parsed.GetValue(config));
            var options = RoleSettings.Keys(settings);
            if (parsed.GetValue(pepper) is not null && (options.Peppers.Count > 0 || !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(KeysOptions.PepperVariable))))
                settings.Faults.Add($"keys --pepper-file: the setting peppers or the environment's {KeysOptions.PepperVariable} names a pepper too, and would go before it; keep one of them");
            options = options with
            {
                StoreUri = parsed.GetValue(store) ?? options.StoreUri,
                PepperFile = parsed.GetValue(pepper) ?? options.PepperFile,
                AdminHost = parsed.GetValue(adminHost) ?? options.AdminHost,
                AdminPort = parsed.GetValue(adminPort) ?? options.AdminPort,
            };
            settings.RefuseUnknown();
            Settings.ThrowIfAny([.. settings.Faults, .. options.Faults()]);
            var address = ListenAddress.Parse(parsed.GetValue(host)!, parsed.GetValue(port));
            var output = parsed.InvocationConfiguration.Output;
            return ServeCommand.RunAsync("keys", around => StartAsync(around), output, cancellation, startWait: parsed.GetValue(wait));

            async Task<RunningRole> StartAsync(RoleSurroundings around)
            {
                var (role, first) = await RunningRole.StartKeysAsync(options, address, parsed.GetValue(bootstrap), around, cancellation);
                await output.WriteLineAsync($"administration at {role.AdminUrl}");
                if (first is { } key) await output.WriteLineAsync($"first key, shown once: {key.Reveal()}");
                return role;
            }
        });
        return command;
    }
}
