using Hokusai.Serve;
using Hokusai.Tracking;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>A tracking server alone, in this process, on a free port, with a store that the test chooses.</summary>
internal sealed class TrackingHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly RunningRole _role;

    private TrackingHost(TemporaryFolder folder, RunningRole role) => (_folder, _role) = (folder, role);

    public string Url => _role.Url;

    /// <param name="storeUri">Its database; null for a SQLite file of its own.</param>
    public static async Task<TrackingHost> StartAsync(string? storeUri)
    {
        var folder = new TemporaryFolder();
        try
        {
            var options = new TrackingOptions { BackendStoreUri = storeUri ?? "sqlite:///" + folder.PathOf("tracking.db"), ArtifactsDestination = folder.PathOf("artifacts") };
            var around = new RoleSurroundings(TimeProvider.System, NullLoggerFactory.Instance, TimeSpan.FromSeconds(5));
            return new TrackingHost(folder, await RunningRole.StartTrackingAsync(options, ListenAddress.Loopback(0), around, TestContext.Current.CancellationToken));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _role.DisposeAsync();
        _folder.Dispose();
    }
}
