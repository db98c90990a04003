using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking.Artifacts;

/// <summary>A tracking server that keeps artifacts below a prefix of a bucket.</summary>
internal sealed class S3Place : ArtifactPlace
{
    public const string Prefix = "team/artifacts/";

    private readonly TrackingHost _host;
    private bool _stopped;

    private S3Place(S3Server s3, TrackingHost host) => (S3, _host) = (s3, host);

    public S3Server S3 { get; }

    public CollectedLogs Logs => _host.Logs;

    public override string Url => _host.Url;

    public override int Unfinished => S3.OpenUploads;

    // What fits into one part is in memory until it is whole.
    public override int ShownFrom => 8 << 20;

    /// <param name="destination">Where it keeps artifacts.</param>
    /// <param name="defaultRoot">Where clients do, if they go there themselves.</param>
    /// <param name="time">Its clock; without it, one by which no deadline passes, such as that of the check at the start.</param>
    /// <param name="drain">How long requests that run may go on after a stop.</param>
    public static async Task<S3Place> StartAsync(string destination = $"s3://{S3Server.Bucket}/{Prefix}", string? defaultRoot = null, TimeProvider? time = null, TimeSpan? drain = null)
    {
        var s3 = await S3Server.StartAsync();
        try
        {
            return new S3Place(s3, await TrackingHost.StartAsync(change: given => given with { ArtifactsDestination = destination, S3Endpoint = s3.Url, DefaultArtifactRoot = defaultRoot }, time: time ?? new PatientTime(), drain: drain));
        }
        catch
        {
            await s3.DisposeAsync();
            throw;
        }
    }

    public override IReadOnlyList<string> Stored() => [.. S3.Keys.Select(key => key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : "outside: " + key)];

    public override void Plant(string path, byte[] content) => S3.Put(Prefix + path, content);

    /// <summary>Ends the server and leaves the bucket.</summary>
    public async Task StopAsync()
    {
        if (_stopped) return;
        _stopped = true;
        await _host.DisposeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        await S3.DisposeAsync();
    }
}
