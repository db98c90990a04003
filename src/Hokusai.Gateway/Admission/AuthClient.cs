using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;

namespace Hokusai.Gateway.Admission;

/// <summary>Speaks with the auth service.</summary>
internal sealed class AuthClient : IDisposable
{
    /// <summary>Header of the question by which a gateway looks whether it was set up rightly: its key is made up, and no attack.</summary>
    public const string ProbeHeader = "X-Hokusai-Probe";

    private const int LargestAnswer = 64 * 1024;
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _client;
    private readonly string _root;
    private readonly string _serviceId;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;

    public AuthClient(GatewayOptions options, TimeProvider time)
    {
        _root = options.AuthService.TrimEnd('/');
        _serviceId = options.ServiceId;
        _deadline = options.AuthDeadline;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = options.Pool.ConnectDeadline,
            PooledConnectionLifetime = TimeSpan.FromSeconds(30),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
    }

    public async Task<KeyVerdict> ValidateAsync(ApiKey key, string clientIp)
    {
        var asked = _time.GetTimestamp();
        using var request = Question(key, clientIp);
        var (answer, failure) = await SendAsync(request);
        using (answer)
        {
            if (answer is null) return KeyVerdict.Unavailable(failure!) with { Took = _time.GetElapsedTime(asked) };
            // Bytes: whatever encoding the answer claims, JSON is UTF-8.
            return AuthAnswer.Read(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync()) with { Status = (int)answer.StatusCode, Took = _time.GetElapsedTime(asked) };
        }
    }

    /// <summary>Asks about a made-up key, to see what an answer looks like.</summary>
    public async Task<AuthSetup> ProbeAsync()
    {
        using var request = Question(ApiKey.Mint(), clientIp: null);
        request.Headers.Add(ProbeHeader, "contract");
        var (answer, failure) = await SendAsync(request);
        using (answer)
        {
            return answer is null
                ? AuthSetup.OfFailure(failure!)
                : AuthSetup.Of((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()), answer.Headers.Location, _serviceId);
        }
    }

    /// <summary>Asks which keys changed since a revision; waits for a change unless the revision is negative. Null if the auth service does not offer that.</summary>
    /// <exception cref="HttpRequestException">It can't be asked now.</exception>
    public async Task<KeyChanges?> ChangesAsync(long after, TimeSpan atMost, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        using var answer = await _client.GetAsync(new Uri($"{_root}/api/v1/keys/changes?after={after}"), either.Token);
        if (IsNotOffered(answer.StatusCode)) return null;
        if (answer.StatusCode != HttpStatusCode.OK) throw new HttpRequestException($"changes answered {(int)answer.StatusCode}");
        return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(either.Token), KeyValidationJson.Default.KeyChanges) ?? throw new HttpRequestException("changes answered null");
    }

    /// <summary>Tells which keys were used and refused.</summary>
    /// <returns>Status of the answer; null if there was none.</returns>
    public async Task<HttpStatusCode?> ReportAsync(KeyUses uses)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _root + "/api/v1/keys/uses") { Content = JsonContent.Create(uses, KeyValidationJson.Default.KeyUses) };
        await request.Content.LoadIntoBufferAsync();
        var (answer, _) = await SendAsync(request);
        using (answer) return answer?.StatusCode;
    }

    /// <summary>Whether a status says that the service has no such endpoint.</summary>
    public static bool IsNotOffered(HttpStatusCode status) => status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented;

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Question(ApiKey key, string? clientIp)
    {
        // Bytes and not a stream: with a length, which every server takes.
        var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new ValidateKeyRequest(_serviceId, clientIp), KeyValidationJson.Default.ValidateKeyRequest));
        body.Headers.ContentType = Json;
        return new HttpRequestMessage(HttpMethod.Post, _root + "/api/v1/keys/validate") { Content = body, Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal()) } };
    }

    private async Task<(HttpResponseMessage? Answer, string? Failure)> SendAsync(HttpRequestMessage request)
    {
        using var deadline = new CancellationTokenSource(_deadline, _time);
        try
        {
            return (await _client.SendAsync(request, deadline.Token), null);
        }
        catch (OperationCanceledException)
        {
            return (null, $"No answer within {_deadline.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException e)
        {
            return (null, e.HttpRequestError switch
            {
                HttpRequestError.ConnectionError => "It can't be connected to.",
                HttpRequestError.NameResolutionError => "Its name does not resolve.",
                HttpRequestError.SecureConnectionError => AuthSetup.UntrustedTls,
                HttpRequestError.ConfigurationLimitExceeded => $"Its answer is larger than {LargestAnswer / 1024} KiB.",
                _ => "It does not answer in HTTP.",
            });
        }
    }
}
