using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Hokusai.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>An auth service with a store of its own.</summary>
internal sealed class KeysHop : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private string? _store;
    private string? _admin;

    private KeysHop()
    {
    }

    public ShiftedTime Time { get; } = new();

    public TestRole Role { get; private set; } = null!;

    /// <summary>The key of the first start, which holds all scopes.</summary>
    public string Admin => _admin!;

    public string Database => _folder.PathOf("keys.db");

    public string Pepper => _folder.PathOf("keys.pepper");

    /// <summary>Starts it.</summary>
    /// <param name="store">Where its store is; null for SQLite in its own folder.</param>
    public static async Task<KeysHop> StartAsync(string? store = null)
    {
        var hop = new KeysHop { _store = store };
        await hop.StartRoleAsync();
        hop._admin = hop.Role.FirstKey;
        return hop;
    }

    public async Task StartRoleAsync() => Role = await TestRole.KeysAsync(new KeysOptions { StoreUri = _store ?? _folder.Sqlite("keys.db"), PepperFile = Pepper, Services = ["hokusai-gateway", "other"] }, Time);

    /// <summary>Sends a request with a key, to the listener that has the endpoint.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(string method, string path, string? key, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await (IsPublic(path) ? Role.Client() : Role.AdminClient()).SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return ((int)answer.StatusCode, document.RootElement.Clone());
    }

    /// <summary>Issues a key.</summary>
    public async Task<(string Id, string Key)> CreateAsync(string body = """{"name":"a key"}""")
    {
        var (status, made) = await SendAsync("POST", "/api/v1/keys", Admin, body);
        Assert.Equal(200, status);
        return (made.GetProperty("key_id").GetString()!, made.GetProperty("key").GetString()!);
    }

    public Task<(int Status, JsonElement Body)> ValidateAsync(string? key, string service = "hokusai-gateway") =>
        SendAsync("POST", "/api/v1/keys/validate", key, $$"""{"service_id":"{{service}}","client_ip":"192.0.2.1"}""");

    private static bool IsPublic(string path) => path.Split('?')[0].Split('/')[^1] is "validate" or "self" or "changes" or "uses";

    public async ValueTask DisposeAsync()
    {
        await Role.DisposeAsync();
        _folder.Dispose();
        Assert.DoesNotContain(Admin, Role.Logs.Text, StringComparison.Ordinal);
    }
}
