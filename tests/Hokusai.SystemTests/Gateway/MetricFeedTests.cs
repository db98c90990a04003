using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Telemetry;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Discovery;
using Hokusai.SystemTests.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using static Hokusai.SystemTests.Gateway.Discovery.WireRecord;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Every metric that is listed is fed by what really happens: one that nobody feeds looks like a gateway without faults.</summary>
public sealed partial class MetricFeedTests
{
    private const string Name = "mlflow.hokusai.local";
    private const string Search = "/api/2.0/mlflow/experiments/search";
    private const string Create = "/api/2.0/mlflow/runs/create";
    private const string Artifact = "/api/2.0/mlflow-artifacts/artifacts/model/a.bin";

    private const string BytesIn = "hokusai_gateway_request_body_bytes_total{body=\"artifact\"}";

    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _holding = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _flooded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _unlucky = ApiKey.Mint().Reveal();
    private readonly HashSet<string> _fed = new(StringComparer.Ordinal);
    private int _creates;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Deadlines.Test)]
    public async Task Metrics_AllThatAreListed_AreFed()
    {
        await using var dns = new DnsResponder();
        dns.Script(Name, DnsWire.A, new WireAnswer(0, Address(Name, "127.0.0.1", 0)));
        await using var hop = await StartAsync(dns);
        var client = hop.Client();
        await SendAsync(client, HttpMethod.Get, Search, 200);
        await SendAsync(client, HttpMethod.Get, Search, 200);
        await SendAsync(client, HttpMethod.Put, Artifact, 200);
        await SendAsync(hop.Gateway.Client(), HttpMethod.Get, Search, 401);
        await SendAsync(hop.Gateway.Client(_unlucky), HttpMethod.Get, Search, 503);
        await FloodAsync(hop);
        await Until.TrueAsync("nobody tells what changes", TimeSpan.FromSeconds(20), () => IsFedAsync(hop, "hokusai_gateway_auth_revocations_in_doubt"));
        await LoseAnAnswerAsync(hop);
        await SendAsync(client, HttpMethod.Post, Create, 200);
        dns.Script(Name, new WireAnswer(2));
        await Until.TrueAsync("DNS fails and its last answer is used", TimeSpan.FromSeconds(20), async () =>
        {
            await SendAsync(client, HttpMethod.Get, Search, 200);
            return await IsFedAsync(hop, "hokusai_gateway_dns_stale_served_total");
        });
        // One that is sent again, then many: their retries are refused, and the breaker opens.
        await SendAsync(client, HttpMethod.Get, Search + "?fail", 503);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => SendAsync(client, HttpMethod.Get, Search + "?fail", 503)));
        await CollectAsync(hop);
        await StopWhileOneRunsAsync(hop);
        await ExceedALimitAsync();

        Assert.Equal([], GatewayMetricList.All.Select(metric => metric.PrometheusName).Where(name => !_fed.Contains(name)));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bytes_OfAnUpload_AreThoseThatWereTaken(bool chunked)
    {
        await using var hop = await GatewayHop.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, Artifact) { Content = new ByteArrayContent(new byte[300_000]) };
        request.Headers.TransferEncodingChunked = chunked;

        using (await hop.Client().SendAsync(request, Cancellation)) { }

        // A request is counted after its end, which its client does not wait for.
        await Until.TrueAsync("they are counted", TimeSpan.FromSeconds(20), async () => (await MetricSamples.ReadAsync(hop.Url)).ContainsKey(BytesIn));
        Assert.Equal(300_000, (await MetricSamples.ReadAsync(hop.Url))[BytesIn]);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task DnsAge_AddressesThatWereNotLookedUp_HaveNone()
    {
        await using var hop = await GatewayHop.StartAsync();

        Assert.DoesNotContain("hokusai_gateway_dns_age_seconds", (await MetricSamples.ReadAsync(hop.Url)).Keys);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task OpenMetrics_OfRealRequests_HasExemplarsThatWhyKnows()
    {
        await using var hop = await GatewayHop.StartAsync();
        using var answer = await hop.Client().GetAsync(Search, Cancellation);
        // A request is counted after its end, which its client does not wait for.
        await Until.TrueAsync("it is counted", TimeSpan.FromSeconds(20), () => IsFedAsync(hop, "hokusai_gateway_request_duration_seconds"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hokusai/metrics");
        // As Prometheus 3 asks.
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1");

        using var scraped = await hop.Client().SendAsync(request, Cancellation);

        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", scraped.Content.Headers.ContentType!.ToString());
        var lines = (await scraped.Content.ReadAsStringAsync(Cancellation)).Split('\n');
        Assert.Equal(["# EOF", ""], lines[^2..]);
        Assert.Equal([], lines[..^2].Where(line => !Line().IsMatch(line)));
        var exemplar = Assert.Single(lines, line => line.StartsWith("hokusai_gateway_request_duration_seconds_bucket", StringComparison.Ordinal) && line.Contains(" # ", StringComparison.Ordinal));
        Assert.Contains($"# {{request_id=\"{answer.Headers.GetValues("X-Request-Id").Single()}\"}} ", exemplar, StringComparison.Ordinal);
        var found = Exemplar().Match(exemplar);
        Assert.InRange(Number(found.Groups["value"].Value), double.Epsilon, Number(found.Groups["le"].Value));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private async Task<GatewayHop> StartAsync(DnsResponder dns) => await GatewayHop.StartAsync(
        UpstreamAsync,
        async http =>
        {
            var key = http.Request.Headers.Authorization.ToString();
            if (key.Contains(ApiKey.TestPrefix, StringComparison.Ordinal)) await _flooded.Task;
            if (key.EndsWith(_unlucky, StringComparison.Ordinal)) await ScriptedServer.WriteAsync(http, 500, "");
            else await GatewayHop.Good()(http);
        },
        changes: ScriptedServer.Answer(500, "{}"),
        configure: options => options with
        {
            Verdicts = new VerdictOptions { MostQuestions = 2 },
            Upstream = string.Create(CultureInfo.InvariantCulture, $"http://{Name}:{new Uri(options.Upstream).Port}"),
            Discovery = new DiscoveryOptions { Mode = DiscoveryMode.Dns, NameServers = [dns.Address], LeastTtl = TimeSpan.FromMilliseconds(250), NegativeTtl = TimeSpan.FromMilliseconds(250), QueryDeadline = TimeSpan.FromSeconds(10), FirstDeadline = TimeSpan.FromSeconds(20) },
            Resilience = new ResilienceOptions { Retries = new RetryOptions { MostRetries = 1, RetryingShare = 0, LeastRetrying = 2 } },
        },
        drain: TimeSpan.FromSeconds(20));

    // With a Redis that is not there.
    private async Task ExceedALimitAsync()
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var hop = await GatewayHop.StartAsync(validate: LimitedKey.With(perHour: 1), configure: options => options with { Redis = new Uri(nobody).Authority });
        await SendAsync(hop.Client(), HttpMethod.Get, Search, 200);
        await SendAsync(hop.Client(), HttpMethod.Get, Search, 429);
        foreach (var metric in (string[])["hokusai_gateway_limits_allowed_total", "hokusai_gateway_limits_refused_total", "hokusai_gateway_limits_alone_total"])
            await Until.TrueAsync(metric, TimeSpan.FromSeconds(20), () => IsFedAsync(hop, metric));
    }

    private async Task UpstreamAsync(HttpContext http)
    {
        var first = http.Request.Path == Create && Interlocked.Increment(ref _creates) == 1;
        if (first)
        {
            _entered.TrySetResult();
            await _release.Task;
        }
        if (http.Request.QueryString.Value == "?hold")
        {
            _holding.TrySetResult();
            await _end.Task;
        }
        if (http.Request.QueryString.Value == "?fail") http.Response.Headers.RetryAfter = "1";
        await http.Request.Body.CopyToAsync(Stream.Null, Cancellation);
        await ScriptedServer.WriteAsync(http, http.Request.QueryString.Value == "?fail" ? 503 : 200, "{}");
    }

    // More strangers than may be asked about or wait.
    private async Task FloodAsync(GatewayHop hop)
    {
        var strangers = Enumerable.Range(0, 20).Select(async _ =>
        {
            using var answer = await hop.Gateway.Client(ApiKey.Mint(test: true).Reveal()).GetAsync(Search, Cancellation);
        }).ToList();
        await Until.TrueAsync("some are turned away", TimeSpan.FromSeconds(20), () => IsFedAsync(hop, "hokusai_gateway_auth_questions_turned_away_total"));
        _flooded.TrySetResult();
        await Task.WhenAll(strangers);
    }

    // A client that goes while its create is at work: the outcome is owed to its next try.
    private async Task LoseAnAnswerAsync(GatewayHop hop)
    {
        using (var socket = await RawClient.ConnectAsync(hop.Url))
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Create} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\nContent-Length: 2\r\n\r\n{{}}")).InTime();
            await _entered.Task.InTime();
            await CollectAsync(hop);
            RawServer.Reset(socket);
        }
        _release.TrySetResult();
        await Until.TrueAsync("its outcome is owed", TimeSpan.FromSeconds(20), () => IsFedAsync(hop, "hokusai_gateway_shield_outcomes_total"));
    }

    private async Task StopWhileOneRunsAsync(GatewayHop hop)
    {
        // One of its own: those of the gateway end with it.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(hop.Url) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + hop.Key);
        var running = SendAsync(client, HttpMethod.Get, Artifact + "?hold", 200);
        await _holding.Task.InTime();
        var stopped = hop.Gateway.StopAsync();
        await CollectAsync(hop);
        _end.TrySetResult();
        await running;
        await stopped;
    }

    private async Task<bool> IsFedAsync(GatewayHop hop, string metric)
    {
        await CollectAsync(hop);
        return _fed.Contains(metric);
    }

    private async Task CollectAsync(GatewayHop hop)
    {
        foreach (var (series, value) in await MetricSamples.ReadAsync(hop.Url))
            if (value > 0) _fed.Add(Suffix().Replace(series.Split('{')[0], ""));
    }

    private static async Task SendAsync(HttpClient client, HttpMethod method, string path, int status)
    {
        using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Get ? null : new StringContent("{}") };
        using var answer = await client.SendAsync(request, Cancellation);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();

    // A sample of OpenMetrics 1.0, with an exemplar where buckets may have one; bounds are written as floats.
    [GeneratedRegex(@"^(# (HELP|TYPE|UNIT) \S+ .+|[a-z_]+(\{([a-z_]+=""[^""]*"",?)*\})? [0-9.Ee+-]+( # \{request_id=""[0-9a-f]{32}""\} [0-9.Ee-]+ [0-9]+(\.[0-9]+)?)?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Line();

    [GeneratedRegex(@"le=""(?<le>[0-9]+\.[0-9]+)""\} \d+ # \{[^}]*\} (?<value>\S+) ", RegexOptions.CultureInvariant)]
    private static partial Regex Exemplar();
}
