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

    /// <summary>The keys that the filters leave; null for a filter that is not set.</summary>
    public Task<KeyList> ListAsync(string? owner, string? status, string? environment, bool expiring, CancellationToken cancellation)
    {
        (string Name, string? Value)[] filters = [("owner", owner), ("status", status), ("environment", environment), ("expiring", expiring ? "true" : null)];
        var query = string.Join('&', filters.Where(filter => filter.Value is not null).Select(filter => $"{filter.Name}={Uri.EscapeDataString(filter.Value!)}"));
        return SendAsync(HttpMethod.Get, query.Length > 0 ? $"{Root}?{query}" : Root, null, KeyJson.Default.KeyList, cancellation);
    }

    public Task<KeyDescription> ShowAsync(string id, CancellationToken cancellation) => SendAsync(HttpMethod.Get, PathOf(id), null, KeyJson.Default.KeyDescription, cancellation);

    public Task<KeyRotation> RotateAsync(string id, TimeSpan? overlap, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, PathOf(id) + "/rotate", JsonContent.Create(new RotateKeyRequest((long?)overlap?.TotalSeconds), KeyJson.Default.RotateKeyRequest), KeyJson.Default.KeyRotation, cancellation);

    /// <summary>Disables, enables or revokes a key.</summary>
    public Task<KeyDescription> ChangeAsync(string id, string act, CancellationToken cancellation) => SendAsync(HttpMethod.Post, $"{PathOf(id)}/{act}", null, KeyJson.Default.KeyDescription, cancellation);

    public Task<KeyDescription> RevokeLeakedAsync(string leaked, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, Root + "/revoke-leaked", JsonContent.Create(new LeakedKeyRequest(leaked), KeyJson.Default.LeakedKeyRequest), KeyJson.Default.KeyDescription, cancellation);

    public Task<KeyImport> ImportAsync(Stream file, CancellationToken cancellation) => SendAsync(HttpMethod.Post, Root + "/import", new StreamContent(file), KeyJson.Default.KeyImport, cancellation);

    public Task<AuditPage> AuditAsync(long after, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{Root}/audit?after={after}"), null, AuditJson.Default.AuditPage, cancellation);

    public Task<PepperList> PeppersAsync(CancellationToken cancellation) => SendAsync(HttpMethod.Get, Root + "/peppers", null, PepperJson.Default.PepperList, cancellation);

    public void Dispose() => _client.Dispose();

    private static string PathOf(string id) => $"{Root}/{Uri.EscapeDataString(id)}";

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
            throw CommandFailure.Unreachable($"the auth service at {_url} can't be reached: {e.Message}. Is 'hokusai up' or 'hokusai serve keys' running? --url says where its administration is.");
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
            // An import's refusal has the faults beside the message; other refusals have none.
            var denial = JsonSerializer.Deserialize(body, KeyJson.Default.ImportDenial);
            return string.Join('\n', [denial?.Message ?? "no reason given", .. (denial?.Faults ?? []).Select(fault => $"  line {fault.Line}: {fault.Text}")]);
        }
        catch (JsonException)
        {
            return "no JSON, so perhaps something else answers there";
        }
    }
}
