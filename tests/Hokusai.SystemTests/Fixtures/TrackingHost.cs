using Hokusai.Serve;
using Hokusai.Tracking;
using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>A tracking server alone, in this process, on a free port, with a store that the test chooses.</summary>
internal sealed class TrackingHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly RunningRole _role;
    private readonly ILoggerFactory _loggers;

    private TrackingHost(TemporaryFolder folder, RunningRole role, ILoggerFactory loggers, CollectedLogs logs) => (_folder, _role, _loggers, Logs) = (folder, role, loggers, logs);

    public string Url => _role.Url;

    /// <summary>The folder of artifacts, unless the test chose another place.</summary>
    public string Artifacts => _folder.PathOf("artifacts");

    /// <summary>What it logged, at debug level.</summary>
    public CollectedLogs Logs { get; }

    /// <param name="storeUri">Its database; null for a SQLite file of its own.</param>
    /// <param name="change">Makes other settings.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="drain">How long requests that run may go on after a stop; 5 s if nothing is said.</param>
    public static async Task<TrackingHost> StartAsync(string? storeUri = null, Func<TrackingOptions, TrackingOptions>? change = null, TimeProvider? time = null, TimeSpan? drain = null)
    {
        var folder = new TemporaryFolder();
        var logs = new CollectedLogs();
        var loggers = Serve.Logs.Create(console: false, logs);
        try
        {
            var options = new TrackingOptions { BackendStoreUri = storeUri ?? "sqlite:///" + folder.PathOf("tracking.db"), ArtifactsDestination = folder.PathOf("artifacts") };
            var around = new RoleSurroundings(time ?? TimeProvider.System, loggers, drain ?? TimeSpan.FromSeconds(5));
            return new TrackingHost(folder, await RunningRole.StartTrackingAsync(change?.Invoke(options) ?? options, ListenAddress.Loopback(0), around, TestContext.Current.CancellationToken), loggers, logs);
        }
        catch
        {
            loggers.Dispose();
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _role.DisposeAsync();
        _loggers.Dispose();
        _folder.Dispose();
    }
}
