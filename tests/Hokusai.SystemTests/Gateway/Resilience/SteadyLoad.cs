using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>What a client of the load saw.</summary>
/// <param name="Call">Last words of the path.</param>
/// <param name="Body">What it sent.</param>
/// <param name="Status">Status; 0 if there was no answer.</param>
/// <param name="Text">The answer's body, or what went wrong.</param>
/// <param name="Took">How long it took.</param>
/// <param name="At">When it ended, as a timestamp.</param>
/// <param name="RetryAfter">The header, if there was one.</param>
internal sealed record Seen(string Call, string Body, int Status, string Text, TimeSpan Took, long At, string? RetryAfter);

/// <summary>Clients with one kept connection each, which together send a fixed number of requests a second: searches, creates with bodies of their own, and metrics, in turn.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private static readonly string[] Calls = ["runs/search", "runs/create", "runs/log-metric"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Seen> _seen = new();
    private readonly Task _clients;

    private SteadyLoad(string url, string key, int clients, int perSecond, bool waits)
    {
        var pace = TimeSpan.FromSeconds((double)clients / perSecond);
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(i => Task.Run(() => RunAsync(url, key, i, pace * i / clients, pace, waits))));
    }

    public IReadOnlyCollection<Seen> Seen => _seen;

    /// <summary>Those that did not get 200, to be shown.</summary>
    public IReadOnlyList<string> Errors => [.. _seen.Where(seen => seen.Status != 200).Select(seen => $"{seen.Call} {seen.Status} {seen.Text}")];

    /// <summary>Starts clients.</summary>
    /// <param name="hop">The gateway.</param>
    /// <param name="clients">How many.</param>
    /// <param name="perSecond">Requests of all of them together.</param>
    /// <param name="waits">Whether a client waits for an answer before its next request. One that does is no constant load on a server that is slow.</param>
    public static SteadyLoad Start(GatewayHop hop, int clients, int perSecond, bool waits = true) => new(hop.Url, hop.Key, clients, perSecond, waits);

    public static SteadyLoad Start(string url, string key, int clients, int perSecond) => new(url, key, clients, perSecond, waits: true);

    /// <summary>Waits until so many more requests have been answered.</summary>
    public Task MoreAsync(int count)
    {
        var goal = _seen.Count + count;
        return Until.TrueAsync($"{count} more answers", TimeSpan.FromSeconds(15), () => _seen.Count >= goal);
    }

    /// <summary>Sends no more, and waits for the answers that are out.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _clients.WaitAsync(Patience + Patience, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(string url, string key, int client, TimeSpan first, TimeSpan pace, bool waits)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = waits ? 1 : int.MaxValue, UseProxy = false }) { Timeout = Patience };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        using var clock = new PeriodicTimer(pace, TimeProvider.System);
        List<Task> sent = [];
        try
        {
            await Task.Delay(first, TimeProvider.System, _stop.Token);
            for (var n = 0; ; n++)
            {
                sent.Add(KeepAsync(SendAsync(http, url, Calls[(client + n) % Calls.Length], string.Create(CultureInfo.InvariantCulture, $$"""{"client":{{client}},"n":{{n}}}"""))));
                if (waits) await sent[^1];
                await clock.WaitForNextTickAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
        await Task.WhenAll(sent);
    }

    private async Task KeepAsync(Task<Seen> seen) => _seen.Enqueue(await seen);

    private static async Task<Seen> SendAsync(HttpClient http, string url, string call, string body)
    {
        var began = Stopwatch.GetTimestamp();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using var answer = await http.PostAsync(new Uri($"{url}/api/mlflow/api/2.0/mlflow/{call}"), content, CancellationToken.None);
            var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            return new Seen(call, body, (int)answer.StatusCode, text, Stopwatch.GetElapsedTime(began), Stopwatch.GetTimestamp(), answer.Headers.RetryAfter?.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return new Seen(call, body, 0, e.GetBaseException().Message, Stopwatch.GetElapsedTime(began), Stopwatch.GetTimestamp(), null);
        }
    }
}
