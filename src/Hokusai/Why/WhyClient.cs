using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Hokusai.Contracts.Keys;

namespace Hokusai.Why;

/// <summary>Asks a gateway what it knows of a request.</summary>
internal sealed class WhyClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    private readonly HttpClient _client;
    private readonly string _url;

    public WhyClient(string url, string key, HttpMessageHandler handler)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
            throw CommandFailure.Usage("--url is no address of a gateway: write http://HOST:PORT");
        if (!ApiKey.TryParse(key, out _)) throw CommandFailure.Usage($"the key is no key: {ApiKey.Fault(key)}");
        _url = url.TrimEnd('/');
        _client = new HttpClient(handler) { Timeout = Deadline };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>The handler used outside of tests. A proxy from the environment would hide which hop fails.</summary>
    public static HttpMessageHandler Sockets() => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) };

    /// <summary>The gateway's JSON, and what it says.</summary>
    public async Task<(string Json, WhyAnswer Answer)> AskAsync(string requestId, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri($"{_url}/hokusai/why/{Uri.EscapeDataString(requestId)}"), cancellation);
            var body = await answer.Content.ReadAsStringAsync(cancellation);
            if (answer.StatusCode == HttpStatusCode.OK && JsonSerializer.Deserialize(body, WhyJson.Default.WhyAnswer) is { RequestId: not null, Story: not null } known) return (body, known);
            throw new CommandFailure(ExitCodes.Failed, $"the gateway at {_url} answered {(int)answer.StatusCode}: {Reason(body)}");
        }
        catch (HttpRequestException e)
        {
            throw CommandFailure.Unreachable($"the gateway at {_url} can't be reached: {e.Message}. Is 'hokusai up' or 'hokusai serve gateway' running? --url says where; a load balancer does not lead to /hokusai.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw CommandFailure.Unreachable($"the gateway at {_url} did not answer within {Deadline.TotalSeconds:0} s");
        }
        catch (JsonException)
        {
            throw new CommandFailure(ExitCodes.Failed, $"what answers at {_url} is no gateway: it does not speak JSON");
        }
    }

    public void Dispose() => _client.Dispose();

    private static string Reason(string body)
    {
        var refusal = JsonSerializer.Deserialize(body, WhyJson.Default.WhyRefusal);
        return refusal?.Hokusai?.Hint is { } hint ? $"{refusal.Message} {hint}" : refusal?.Message ?? "no reason given";
    }
}
