using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Admission;

/// <summary>What the auth service said of a key, or why it said nothing.</summary>
/// <param name="Key">The key's owner and scopes, if it is good.</param>
/// <param name="Failure">Why it is not, otherwise.</param>
/// <param name="Detail">The auth service's own words, or what went wrong.</param>
internal sealed record KeyVerdict(ValidatedKey? Key, FailurePlace? Failure = null, string? Detail = null)
{
    /// <summary>The auth service itself failed; the key may be as good as ever.</summary>
    public bool IsUnavailable => Failure is FailurePlace.AuthUnavailable or FailurePlace.ServiceUnknown;
}

/// <summary>
/// Asks the auth service. Any service with the contract will do, so its answers are trusted only as far as they fit:
/// whatever is odd means "auth unavailable", never "bad key".
/// </summary>
internal sealed class AuthClient : IDisposable
{
    private const int LargestAnswer = 64 * 1024;
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly TimeSpan LongPollDeadline = TimeSpan.FromSeconds(40);

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
        using var deadline = new CancellationTokenSource(_deadline, _time);
        using var request = new HttpRequestMessage(HttpMethod.Post, _root + "/api/v1/keys/validate")
        {
            // Bytes and not a stream: with a length, which every server takes.
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new ValidateKeyRequest(_serviceId, clientIp), KeyValidationJson.Default.ValidateKeyRequest)),
        };
        request.Content.Headers.ContentType = Json;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
        try
        {
            using var answer = await _client.SendAsync(request, deadline.Token);
            return Read(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(deadline.Token));
        }
        catch (OperationCanceledException)
        {
            return Unavailable($"No answer within {_deadline.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException e)
        {
            return Unavailable(e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError ? "It can't be connected to." : "It does not answer in HTTP.");
        }
    }

    /// <summary>Waits for changes of keys. Null if the auth service does not offer them.</summary>
    /// <exception cref="HttpRequestException">It can't be asked now.</exception>
    public async Task<KeyChanges?> ChangesAsync(long after, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(LongPollDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        using var answer = await _client.GetAsync(new Uri($"{_root}/api/v1/keys/changes?after={after}"), either.Token);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented) return null;
        if (answer.StatusCode != HttpStatusCode.OK) throw new HttpRequestException($"changes answered {(int)answer.StatusCode}");
        // Bytes: whatever encoding the answer claims, JSON is UTF-8.
        return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(either.Token), KeyValidationJson.Default.KeyChanges) ?? throw new HttpRequestException("changes answered null");
    }

    public void Dispose() => _client.Dispose();

    internal static KeyVerdict Read(HttpStatusCode status, byte[] body)
    {
        switch (status)
        {
            case HttpStatusCode.OK:
                return TryRead(body, KeyValidationJson.Default.ValidatedKey) is { UserId.Length: > 0, KeyId.Length: > 0, Scopes: not null } key && !SaysInvalid(body)
                    ? new KeyVerdict(key)
                    : Unavailable("It answered 200 without user_id, key_id and scopes.");
            case HttpStatusCode.Unauthorized:
                var denial = TryRead(body, KeyValidationJson.Default.KeyDenial);
                FailurePlace? place = denial?.ErrorCode switch
                {
                    KeyDenialCodes.Unknown => FailurePlace.KeyUnknown,
                    KeyDenialCodes.Expired => FailurePlace.KeyExpired,
                    KeyDenialCodes.Revoked => FailurePlace.KeyRevoked,
                    KeyDenialCodes.Disabled => FailurePlace.KeyDisabled,
                    _ => null,
                };
                return place is null ? Unavailable("It answered 401 without a reason that is known.") : new KeyVerdict(null, place, KeyRedactor.Redact(denial!.Message ?? ""));
            case HttpStatusCode.UnprocessableEntity when TryRead(body, KeyValidationJson.Default.KeyDenial)?.ErrorCode == KeyDenialCodes.ServiceUnknown:
                return new KeyVerdict(null, FailurePlace.ServiceUnknown);
            default:
                return Unavailable($"It answered {(int)status}.");
        }
    }

    private static KeyVerdict Unavailable(string detail) => new(null, FailurePlace.AuthUnavailable, detail);

    // Some services answer 200 to everything and put the verdict into a field.
    private static bool SaysInvalid(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.TryGetProperty("valid", out var valid) && valid.ValueKind == JsonValueKind.False;
    }

    private static T? TryRead<T>(byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
