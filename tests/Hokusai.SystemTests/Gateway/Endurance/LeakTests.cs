using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Resilience;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>A long mixed load with every kind of fault: what the gateway holds at its end is what it held early on, and afterwards what it held before.</summary>
[Collection(UnderLoad.Name)]
public sealed class LeakTests
{
    private const int ArtifactLength = 256 << 10;
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(Scale.IsFull ? 5 : 1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(Scale.IsFull ? 120 : 45);

    // Memories that are meant to fill for minutes are made small, so that a third of the run finds them full.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["SHIELDWINDOW"] = "00:00:03",
        ["RECENTREQUESTS"] = "500",
        ["MOSTFAILURES"] = "500",
        ["BREAKERLONGESTOPEN"] = "00:00:02",
        ["REFUSALLIFETIME"] = "00:00:01",
        ["DISCOVERYMODE"] = "static",
    };

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _answered, _failed, _refused, _vanished;

    [EnduranceFact]
    public async Task Forward_MixedLoadWithFaults_HoldsNoMoreAtTheEnd()
    {
        await using var upstream = RawMlflow.Start(static () => ArtifactLength, MisbehaveAsync);
        // Nobody listens on the second address: whatever goes there is refused.
        var port = new Uri(upstream.Url).Port;
        var settings = new Dictionary<string, string>(Settings) { ["UPSTREAMADDRESSES"] = $"127.0.0.1:{port},127.0.0.9:{port}" };
        await using var gateway = await GatewayProcess.StartAsync($"http://mlflow.hokusai.test:{port}", RefuseOthers, settings);
        await LoadAsync(gateway, TimeSpan.FromSeconds(2));
        var idle = await SettledAsync(gateway, null);

        var samples = new List<(TimeSpan At, Holdings Held)>();
        using var stop = new CancellationTokenSource();
        var sampling = SampleAsync(gateway, samples, stop.Token);
        await LoadAsync(gateway, Scale.Leak);
        await stop.CancelAsync();
        await sampling;

        // The fifth minute of thirty; in shorter runs a third.
        var early = Scale.Leak > TimeSpan.FromMinutes(15) ? TimeSpan.FromMinutes(5) : Scale.Leak / 3;
        var window = Scale.Leak / 10;
        Assert.True(samples.Count >= 5, $"only {samples.Count} samples");
        var (first, last) = (Typical(Around(samples, early, early + window)), Typical(Around(samples, Scale.Leak - window, TimeSpan.MaxValue)));
        var after = await SettledAsync(gateway, idle);
        Scale.Report($"leak: {Scale.Leak.TotalMinutes:0.0} min, {_answered} answered, {_failed} failed as told to, {_refused} refused for their key, {_vanished} clients vanished");
        Scale.Report($"leak: idle before {idle}");
        Scale.Report($"leak: at {early.TotalMinutes:0.0} min {first}");
        Scale.Report($"leak: at the end {last}");
        Scale.Report($"leak: idle after {after}");
        AssertNoMore(first, last, slack: 60);
        AssertNoMore(idle with { Resident = first.Resident, Heap = first.Heap }, after, slack: 10);
        Assert.All((int[])[_answered, _failed, _refused, _vanished], count => Assert.InRange(count, 10, int.MaxValue));
    }

    private static void AssertNoMore(Holdings before, Holdings after, int slack)
    {
        Assert.InRange(after.Resident, 0, (before.Resident * 5 / 4) + (32 << 20));
        Assert.InRange(after.Heap, 0, (before.Heap * 5 / 4) + (32 << 20));
        Assert.InRange(after.Handles, 0, before.Handles + slack);
        Assert.InRange(after.Sockets, 0, before.Sockets + slack);
        Assert.InRange(after.Threads, 0, before.Threads + 16);
        Assert.InRange(after.Timers, 0, before.Timers + slack);
    }

    /// <summary>What it holds once its pools have closed what idles: as little as before, or what is left when there is no more time.</summary>
    private static async Task<Holdings> SettledAsync(GatewayProcess gateway, Holdings? before)
    {
        // The pool keeps an idle connection for 3 s.
        var began = Stopwatch.GetTimestamp();
        Holdings held;
        do
        {
            await Task.Delay(TimeSpan.FromSeconds(before is null ? 6 : 1), TimeProvider.System, TestContext.Current.CancellationToken);
            held = await gateway.HoldingsAsync();
        }
        while (before is not null && (held.Sockets > before.Sockets + 2 || held.Timers > before.Timers + 2) && Stopwatch.GetElapsedTime(began) < Settling);
        return held;
    }

    // The sample next to it where there is none: a machine that stands still takes none.
    private static List<(TimeSpan At, Holdings Held)> Around(List<(TimeSpan At, Holdings Held)> samples, TimeSpan from, TimeSpan to)
    {
        var within = samples.Where(sample => sample.At >= from && sample.At < to).ToList();
        return within.Count > 0 ? within : [samples.MinBy(sample => (sample.At - from).Duration())];
    }

    // The least memory, for that is what is left after a collection, and the middle of the rest.
    private static Holdings Typical(IEnumerable<(TimeSpan At, Holdings Held)> samples)
    {
        var held = samples.Select(sample => sample.Held).ToList();
        return new Holdings(held.Min(h => h.Resident), held.Min(h => h.Heap), Middle(h => h.Handles), Middle(h => h.Sockets), Middle(h => h.Threads), Middle(h => h.Timers));

        long Middle(Func<Holdings, long> of) => held.Select(of).Order().ElementAt(held.Count / 2);
    }

    private static async Task SampleAsync(GatewayProcess gateway, List<(TimeSpan At, Holdings Held)> samples, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        using var clock = new PeriodicTimer(Sampling, TimeProvider.System);
        try
        {
            while (await clock.WaitForNextTickAsync(stop)) samples.Add((Stopwatch.GetElapsedTime(began), await gateway.HoldingsAsync()));
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private async Task LoadAsync(GatewayProcess gateway, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        using var client = Client(gateway.Key);
        using var anybody = Client(null);
        Func<int, Task>[] kinds =
        [
            n => CallAsync(client, HttpMethod.Get, $"{gateway.Url}/api/2.0/mlflow/runs/get?run_id={n}"),
            n => CallAsync(client, HttpMethod.Post, $"{gateway.Url}/api/2.0/mlflow/runs/create", n),
            n => CallAsync(client, HttpMethod.Post, $"{gateway.Url}/api/2.0/mlflow/runs/log-metric", n),
            n => CallAsync(client, HttpMethod.Get, $"{gateway.Url}{RawMlflow.Artifacts}{n % 100}"),
            n => CallAsync(anybody, HttpMethod.Get, $"{gateway.Url}/api/2.0/mlflow/runs/get?run_id=1", key: ApiKey.Mint().Reveal()),
            n => VanishAsync(gateway, n),
        ];
        await Task.WhenAll(Enumerable.Range(0, 4 * kinds.Length).Select(i => Task.Run(async () =>
        {
            using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            for (var n = i; Stopwatch.GetElapsedTime(began) < time; n++)
            {
                await kinds[i % kinds.Length](n);
                await clock.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
        })));
    }

    private static HttpClient Client(string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(45) };
        if (key is not null) client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        return client;
    }

    private async Task CallAsync(HttpClient client, HttpMethod method, string url, int? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(url));
        if (body is not null) request.Content = new StringContent(string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{body}}}"""), Encoding.UTF8, "application/json");
        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        try
        {
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            if ((int)answer.StatusCode == 401) Interlocked.Increment(ref _refused);
            else if (answer.IsSuccessStatusCode) Interlocked.Increment(ref _answered);
            else Interlocked.Increment(ref _failed);
        }
        catch (HttpRequestException)
        {
            // An answer that broke off in the middle.
            Interlocked.Increment(ref _failed);
        }
    }

    // Gone before the answer, in the middle of an upload, or in the middle of a download.
    private async Task VanishAsync(GatewayProcess gateway, int n)
    {
        using var socket = await RawHttp.ConnectAsync(gateway.Url);
        var line = (n % 3) switch
        {
            0 => "GET /api/2.0/mlflow/runs/get?run_id=slow HTTP/1.1\r\n",
            1 => $"PUT {RawMlflow.Artifacts}1 HTTP/1.1\r\nContent-Length: {ArtifactLength}\r\n",
            _ => $"GET {RawMlflow.Artifacts}1 HTTP/1.1\r\n",
        };
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{line}Host: h\r\nAuthorization: Bearer {gateway.Key}\r\n\r\n"));
        if (n % 3 == 1) await socket.SendAsync(Pattern.At(1, 0, ArtifactLength / 2));
        await Task.Delay(TimeSpan.FromMilliseconds(n % 20), TimeProvider.System, TestContext.Current.CancellationToken);
        if (n % 2 == 0) RawHttp.Reset(socket);
        Interlocked.Increment(ref _vanished);
    }

    private static RequestDelegate RefuseOthers(string key) => http =>
        http.Request.Headers.Authorization.ToString().EndsWith(key, StringComparison.Ordinal) ? GatewayHop.Good()(http) : ScriptedServer.WriteAsync(http, 401, """{"error_code":"KEY_REVOKED","message":"?"}""");

    private async Task<bool> MisbehaveAsync(string target, Socket socket)
    {
        if (target == "/health" || target.StartsWith(RawMlflow.Artifacts, StringComparison.Ordinal)) return false;
        if (target.EndsWith("=slow", StringComparison.Ordinal)) await PauseAsync();
        // For a second of each ten it breaks every connection, so that the breakers open too.
        var fault = _clock.Elapsed.Seconds % 10 == 9 ? 0 : Random.Shared.Next(100);
        switch (fault)
        {
            case < 2:
                RawServer.Reset(socket);
                return true;
            case < 5:
                await PauseAsync();
                return false;
            case < 8:
                await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 50{(fault == 5 ? 3 : 0)} Told\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"));
                return true;
            case < 10:
                await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
                return true;
            default:
                return false;
        }
    }

    private static Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
}
