using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Peppers;

namespace Hokusai.Keys;

/// <summary>A client of the auth service's administration.</summary>
internal sealed class KeysClient : IDisposable
{
    private const string Root = "/api/v1/keys";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    private readonly HttpClient _client;
    private readonly string _url;

    public KeysClient(string url, string key)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw CommandFailure.Usage($"url '{url}': write http://HOST:PORT");
        if (!ApiKey.TryParse(key, out _)) throw CommandFailure.Usage($"the admin key is no key: {ApiKey.Fault(key)}");
        _url = url.TrimEnd('/');
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = Deadline };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Task<KeyDescription> CreateAsync(CreateKeyRequest request, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, Root, JsonContent.Create(request, KeyJson.Default.CreateKeyRequest), KeyJson.Default.KeyDescription, cancellation);

    public Task<KeyList> ListAsync(CancellationToken cancellation) => SendAsync(HttpMethod.Get, Root, null, KeyJson.Default.KeyList, cancellation);

    public Task<KeyDescription> RevokeAsync(string id, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, $"{Root}/{Uri.EscapeDataString(id)}/revoke", null, KeyJson.Default.KeyDescription, cancellation);

    public Task<AuditPage> AuditAsync(long after, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{Root}/audit?after={after}"), null, AuditJson.Default.AuditPage, cancellation);

    public Task<PepperList> PeppersAsync(CancellationToken cancellation) => SendAsync(HttpMethod.Get, Root + "/peppers", null, PepperJson.Default.PepperList, cancellation);

    public void Dispose() => _client.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, _url + path) { Content = content };
            using var answer = await _client.SendAsync(request, cancellation);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
            if (answer.IsSuccessStatusCode && JsonSerializer.Deserialize(body, type) is { } result) return result;
            throw new CommandFailure(ExitCodes.Failed, $"the auth service at {_url} answered {(int)answer.StatusCode}: {Reason(body)}");
        }
        catch (HttpRequestException e)
        {
            throw CommandFailure.Unreachable($"the auth service at {_url} can't be reached: {e.Message}. Is 'hokusai up' or 'hokusai serve keys' running? --url says where.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw CommandFailure.Unreachable($"the auth service at {_url} did not answer within {Deadline.TotalSeconds:0} s");
        }
        catch (JsonException)
        {
            throw new CommandFailure(ExitCodes.Failed, $"what answers at {_url} is no auth service: it does not speak JSON");
        }
    }

    private static string Reason(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, KeyValidationJson.Default.KeyDenial)?.Message ?? "no reason given";
        }
        catch (JsonException)
        {
            return "no JSON, so perhaps something else answers there";
        }
    }
}
