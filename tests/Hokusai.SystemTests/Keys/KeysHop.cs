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
    private string? _admin;

    private KeysHop()
    {
    }

    public ShiftedTime Time { get; } = new();

    public TestRole Role { get; private set; } = null!;

    /// <summary>The key of the first start, which holds all scopes.</summary>
    public string Admin => _admin!;

    public string Database => _folder.PathOf("keys.db");

    /// <summary>Address of the keys' database.</summary>
    public string Store => StoreUri.Length > 0 ? StoreUri : _folder.Sqlite("keys.db");

    /// <summary>A file in the folder of this service.</summary>
    public string PathOf(string name) => _folder.PathOf(name);

    public string Pepper => _folder.PathOf("keys.pepper");

    /// <summary>Where the keys are: a SQLite file of its own unless a test says otherwise.</summary>
    public string StoreUri { get; private init; } = "";

    /// <summary>What a test changes in the options; counts from the next start.</summary>
    public Func<KeysOptions, KeysOptions> Options { get; set; } = options => options;

    public static async Task<KeysHop> StartAsync(string? storeUri = null, Func<KeysOptions, KeysOptions>? options = null, string? admin = null)
    {
        var hop = new KeysHop { StoreUri = storeUri ?? "", Options = options ?? (given => given) };
        try
        {
            await hop.StartRoleAsync();
        }
        catch
        {
            hop._folder.Dispose();
            throw;
        }
        hop._admin = admin ?? hop.Role.FirstKey;
        return hop;
    }

    public async Task StartRoleAsync() => Role = await TestRole.KeysAsync(Options(new KeysOptions { StoreUri = Store, PepperFile = Pepper, Services = ["hokusai-gateway", "other"] }), Time);

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
        Role.Logs.Lacks(Admin);
    }
}
