using System.Globalization;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>A gateway as a process of its own, so that its memory and handles are its own, with a scripted auth service.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private const string Ready = "gateway listens on ";

    private readonly ScriptedServer _auth;
    private readonly HttpClient _client;

    private GatewayProcess(ScriptedServer auth, HokusaiProcess process, string url, string key)
    {
        (_auth, Process, Url, Key) = (auth, process, url, key);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.Zero }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(20) };
    }

    public HokusaiProcess Process { get; }

    public string Url { get; }

    /// <summary>A key that is good.</summary>
    public string Key { get; }

    /// <param name="upstream">Address of the upstream.</param>
    /// <param name="validate">Answers of the auth service, given the good key; without it, every key holds all scopes.</param>
    /// <param name="settings">Settings by name.</param>
    public static async Task<GatewayProcess> StartAsync(string upstream, Func<string, RequestDelegate>? validate = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var key = ApiKey.Mint().Reveal();
        var answer = validate?.Invoke(key) ?? GatewayHop.Good();
        var auth = await ScriptedServer.StartAsync(http => http.Request.Path.Value!.EndsWith("/changes", StringComparison.Ordinal) ? ScriptedServer.WriteAsync(http, 404, "{}") : answer(http));
        // What it logs crosses a pipe that these tests read: at the usual level that would be measured too.
        var environment = new Dictionary<string, string> { ["HOKUSAI_LOG_LEVEL"] = "Critical" };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) environment["HOKUSAI_GATEWAY__" + name] = value;
        var process = HokusaiProcess.Start(null, environment, "serve", "gateway", "--port", "0", "--upstream", upstream, "--auth-service", auth.Url);
        process.RememberKey(key);
        var line = await process.ReadLineAsync();
        Assert.StartsWith(Ready, line, StringComparison.Ordinal);
        return new GatewayProcess(auth, process, line[Ready.Length..], key);
    }

    /// <summary>What it holds now.</summary>
    public async Task<Holdings> HoldingsAsync()
    {
        var metrics = await _client.GetStringAsync("/hokusai/metrics", TestContext.Current.CancellationToken);
        var handles = Process.Handles();
        return new Holdings(Process.Resident, Metric("hokusai_gateway_heap_bytes"), handles.Count, handles.Count(handle => handle.StartsWith("socket:", StringComparison.Ordinal)), Process.Threads, Metric("hokusai_gateway_timers"));

        long Metric(string name) => (long)double.Parse(metrics.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Process.DisposeAsync();
        await _auth.DisposeAsync();
    }
}

/// <summary>What a gateway holds: memory in bytes, the rest in pieces.</summary>
internal sealed record Holdings(long Resident, long Heap, long Handles, long Sockets, long Threads, long Timers)
{
    private const double MiB = 1 << 20;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"RSS {Resident / MiB:0} MiB, heap {Heap / MiB:0} MiB, {Handles} handles, {Sockets} sockets, {Threads} threads, {Timers} timers");
}
