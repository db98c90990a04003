using System.Text.Json;

namespace Hokusai.SystemTests.Fixtures;

/// <summary><c>hokusai up</c> as a child process on free ports, ready to be used.</summary>
internal sealed class UpProcess : IAsyncDisposable
{
    private readonly JsonElement _ready;
    private readonly List<HttpClient> _clients = [];

    private UpProcess(HokusaiProcess process, string readyLine, string? key)
    {
        Process = process;
        ReadyLine = readyLine;
        _ready = JsonDocument.Parse(readyLine).RootElement.Clone();
        FirstKey = _ready.GetProperty("api_key").GetString();
        Key = FirstKey ?? key ?? "";
        if (Key.Length > 0) process.RememberKey(Key);
    }

    public HokusaiProcess Process { get; }

    /// <summary>The line that said that it is ready.</summary>
    public string ReadyLine { get; }

    /// <summary>The key that this start minted, if it did.</summary>
    public string? FirstKey { get; }

    /// <summary>A key that is valid there.</summary>
    public string Key { get; }

    public string EdgeUrl => Url("edge");

    public string KeysUrl => Url("keys");

    public string KeysAdminUrl => Url("keys_admin");

    public string TrackingUrl => Url("tracking");

    /// <summary>What a user sets as MLFLOW_TRACKING_URI.</summary>
    public string ClientUrl => EdgeUrl + "/api/mlflow";

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="data">Its data folder.</param>
    /// <param name="key">A key that an earlier start minted.</param>
    /// <param name="flags">More flags.</param>
    public static async Task<UpProcess> StartAsync(string data, string? key = null, params IEnumerable<string> flags)
    {
        var process = HokusaiProcess.Start(["up", "--ports", "0", "--json", "--data", data, .. flags]);
        try
        {
            return new UpProcess(process, await process.ReadLineAsync(), key);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls through edge and gateway, with the key.</summary>
    public Calls Client() => Client(ClientUrl, Key);

    /// <summary>Calls straight at a role; without a key if none is given.</summary>
    public Calls Client(string baseUrl, string? key = null)
    {
        var calls = new Calls(baseUrl, key);
        _clients.Add(calls.Http);
        return calls;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await Process.DisposeAsync();
    }

    private string Url(string role) => _ready.GetProperty(role).GetString()!;
}
