using Xunit.Sdk;

namespace Hokusai.SystemTests.Fixtures;

/// <summary><c>hokusai serve tracking</c> as a child process on a free port.</summary>
internal sealed class TrackingProcess : IAsyncDisposable
{
    private const string Ready = "tracking listens on ";

    private readonly List<HttpClient> _clients = [];

    private TrackingProcess(HokusaiProcess process, string url) => (Process, Url) = (process, url);

    public HokusaiProcess Process { get; }

    public string Url { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="folder">The folder in which it is started: what relative paths count from.</param>
    /// <param name="flags">Flags of <c>mlflow server</c>.</param>
    public static Task<TrackingProcess> StartAsync(string folder, params IEnumerable<string> flags) => StartAsync(folder, null, flags);

    /// <summary>The same, with settings in its environment.</summary>
    public static async Task<TrackingProcess> StartAsync(string folder, IReadOnlyDictionary<string, string>? environment, params IEnumerable<string> flags)
    {
        var process = HokusaiProcess.Start(folder, environment, ["serve", "tracking", "--port", "0", .. flags]);
        try
        {
            var line = await process.ReadLineAsync();
            return line.StartsWith(Ready, StringComparison.Ordinal) ? new TrackingProcess(process, line[Ready.Length..]) : throw new XunitException($"another line than expected: {line}");
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public Calls Client()
    {
        var calls = new Calls(Url);
        _clients.Add(calls.Http);
        return calls;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await Process.DisposeAsync();
    }
}
