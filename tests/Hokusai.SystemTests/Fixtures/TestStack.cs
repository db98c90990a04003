using Hokusai.Contracts.Keys;
using Hokusai.Up;
using Xunit.Sdk;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>
/// The whole chain on free ports with a data folder of its own. Its end deletes the folder and fails the test if a key
/// that the test knows stands whole anywhere in what was logged.
/// </summary>
internal sealed class TestStack : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Lock _guard = new();
    private readonly List<string> _keys = [];
    private readonly List<HttpClient> _clients = [];
    private readonly DirectoryInfo _folder;
    private readonly Stack _stack;
    private bool _stopped;

    private TestStack(DirectoryInfo folder, Stack stack, CollectedLogs logs)
    {
        (_folder, _stack, Logs) = (folder, stack, logs);
        if (stack.FirstKey is { } key) RememberKey(key);
    }

    public string EdgeUrl => _stack.EdgeUrl;

    public string GatewayUrl => _stack.GatewayUrl;

    public string KeysUrl => _stack.KeysUrl;

    public string KeysAdminUrl => _stack.KeysAdminUrl;

    public string TrackingUrl => _stack.TrackingUrl;

    /// <summary>What a user sets as MLFLOW_TRACKING_URI.</summary>
    public string ClientUrl => EdgeUrl.TrimEnd('/') + "/api/mlflow";

    /// <summary>The key that the first start minted.</summary>
    public string Key => _stack.FirstKey ?? throw new InvalidOperationException("the stack minted no key");

    /// <summary>Where the stack keeps its data.</summary>
    public string DataFolder => _folder.FullName;

    /// <summary>What all roles logged, at debug level.</summary>
    public CollectedLogs Logs { get; }

    /// <summary>Starts a stack with an empty data folder.</summary>
    /// <param name="mlflowUrl">A running MLflow that stands in for the tracking server.</param>
    public static async Task<TestStack> StartAsync(string? mlflowUrl = null)
    {
        var logs = new CollectedLogs();
        var folder = Directory.CreateTempSubdirectory("hokusai-stack-");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var options = new StackOptions { DataFolder = folder.FullName, FreePorts = true, MlflowUrl = mlflowUrl, ExtraLogs = logs };
            return new TestStack(folder, await Stack.StartAsync(options, deadline.Token), logs);
        }
        catch (Exception e)
        {
            folder.Delete(recursive: true);
            throw new InvalidOperationException($"the stack did not start: {e.Message}\n{KeyRedactor.Redact(logs.Tail(20))}", e);
        }
    }

    /// <summary>A client that follows no redirect and keeps no cookie; it lives as long as the stack.</summary>
    /// <param name="baseUrl">What stands before the paths, which begin without a slash; without it, <see cref="ClientUrl"/>.</param>
    /// <param name="key">Sent as a bearer token and watched for in the logs.</param>
    public HttpClient Client(string? baseUrl = null, string? key = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false };
        var client = new HttpClient(handler) { BaseAddress = new Uri((baseUrl ?? ClientUrl).TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(30) };
        if (key is not null)
        {
            RememberKey(key);
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        }
        lock (_guard) _clients.Add(client);
        return client;
    }

    /// <summary>Makes the stack's end search the logs for this key too.</summary>
    public void RememberKey(string key)
    {
        lock (_guard) _keys.Add(key);
    }

    /// <summary>Stops all roles and keeps the data folder. The logs are complete then.</summary>
    public async Task StopAsync()
    {
        if (_stopped) return;
        _stopped = true;
        foreach (var client in _clients) client.Dispose();
        await _stack.DisposeAsync().AsTask().WaitAsync(Deadline);
    }

    /// <summary>Stops all roles, deletes the data folder, then searches the logs for keys.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            _folder.Delete(recursive: true);
        }
        FailOnLeakedKey();
    }

    private void FailOnLeakedKey()
    {
        foreach (var key in _keys.Where(key => key.Length > 0).Distinct(StringComparer.Ordinal))
        {
            if (Logs.Entries.FirstOrDefault(entry => entry.Contains(key, StringComparison.Ordinal)) is not { } entry) continue;
            // The report must not leak it once more.
            throw new XunitException("a whole key was logged: " + entry.Replace(key, "<THE KEY>", StringComparison.Ordinal));
        }
    }
}
