using System.CommandLine;
using System.Text.Json;
using Hokusai.Serve;

namespace Hokusai.Up;

/// <summary><c>hokusai up</c>: the whole chain on the loopback address, ready to be used.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "folder for databases, artifacts and keys", DefaultValueFactory = _ => ".hokusai" };
        var ports = new Option<string?>("--ports") { Description = "0 takes free ports; or four with commas for edge, gateway, keys, tracking and perhaps a fifth for key administration (default: 8080,8001,8002,5000,8003)" };
        var mlflow = new Option<string?>("--mlflow") { Description = "address of a running MLflow to stand in front of, instead of the embedded tracking server" };
        var json = new Option<bool>("--json") { Description = "one JSON line on standard output when ready" };
        var command = new Command("up", "run the whole chain on this machine") { data, ports, mlflow, json };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new StackOptions
            {
                DataFolder = parsed.GetValue(data)!,
                Ports = parsed.GetValue(ports) is { } text ? StackPorts.Parse(text) : StackPorts.Standard,
                MlflowUrl = parsed.GetValue(mlflow) is { } url ? CheckMlflow(url) : null,
                ConsoleLogs = true,
            };
            return RunAsync(options, parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(StackOptions options, bool json, TextWriter output, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var stack = await Stack.StartAsync(options, cancellation);
        if (json) await output.WriteLineAsync(JsonLine(stack));
        else await output.WriteLineAsync(Text(stack, options, TimeProvider.System.GetElapsedTime(started)));
        await output.FlushAsync(CancellationToken.None);
        await Termination.WaitAsync(cancellation);
        return ExitCodes.Fine;
    }

    private static string CheckMlflow(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? url.TrimEnd('/')
        : throw CommandFailure.Usage($"mlflow '{url}': write http://HOST:PORT");

    private static string JsonLine(Stack stack) => JsonSerializer.Serialize(
        new Dictionary<string, string?> { ["edge"] = stack.EdgeUrl, ["gateway"] = stack.GatewayUrl, ["keys"] = stack.KeysUrl, ["tracking"] = stack.TrackingUrl, ["api_key"] = stack.FirstKey, ["keys_admin"] = stack.KeysAdminUrl });

    private static string Text(Stack stack, StackOptions options, TimeSpan took)
    {
        var key = stack.FirstKey is null
            ? "Keys exist already: use yours, or issue one with 'hokusai keys create'.\n\n  export MLFLOW_TRACKING_URI={0}\n  export MLFLOW_TRACKING_TOKEN=…"
            : "The first API key, shown this once:\n\n  export MLFLOW_TRACKING_URI={0}\n  export MLFLOW_TRACKING_TOKEN={1}";
        return $"""
            Hokusai is ready after {took.TotalSeconds:0.0} s.

              edge      {stack.EdgeUrl}   the load balancer: clients come here
              gateway   {stack.GatewayUrl}   the API service: keys, scopes, proxy
              keys      {stack.KeysUrl}   the auth service; administered at {stack.KeysAdminUrl}
              tracking  {stack.TrackingUrl}   {(options.MlflowUrl is null ? "experiments, runs, models, artifacts" : "the MLflow that was given")}
              data      {Path.GetFullPath(options.DataFolder)}

            {string.Format(System.Globalization.CultureInfo.InvariantCulture, key, stack.EdgeUrl + "/api/mlflow", stack.FirstKey)}

            Ctrl-C stops it.
            """;
    }
}
