using System.Buffers;

namespace Hokusai.Tracking.Artifacts.S3;

/// <summary>The memory in which parts of uploads wait to be sent: one budget for all uploads, so that many at once don't take it all.</summary>
internal sealed class UploadMemory(TimeProvider time) : IDisposable
{
    /// <summary>Bytes of a part. S3 takes 5 MiB to 5 GiB, and 10,000 parts at most (Amazon S3 User Guide, "multipart upload limits").</summary>
    public const int PartSize = 8 * 1024 * 1024;

    private const int MostParts = 16;

    // A client that waited longer would be cut off by the gateway, without a word.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(40);

    private readonly SemaphoreSlim _free = new(MostParts);

    /// <summary>Reads the next part.</summary>
    /// <param name="content">Where from.</param>
    /// <param name="size">Bytes of the part, unless the content ends before.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArtifactStoreException">Other uploads held all memory for too long.</exception>
    public async Task<UploadPart> ReadAsync(Stream content, int size, CancellationToken cancellation)
    {
        if (!await _free.WaitAsync(TimeSpan.Zero, cancellation)) await WaitAsync(cancellation);
        var part = new UploadPart(ArrayPool<byte>.Shared.Rent(size), () => _free.Release());
        try
        {
            part.Length = await content.ReadAtLeastAsync(part.Buffer.AsMemory(0, size), size, throwOnEndOfStream: false, cancellation);
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    public void Dispose() => _free.Dispose();

    private async Task WaitAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await _free.WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new ArtifactStoreException("Too many artifacts are being uploaded at once: try again later, or run more tracking servers", transient: true, e);
        }
    }
}

/// <summary>Part of a file, in memory until it is disposed.</summary>
internal sealed class UploadPart(byte[] buffer, Action release) : IDisposable
{
    private Action? _release = release;

    public byte[] Buffer => buffer;

    public int Length { get; set; }

    public Stream Open() => new MemoryStream(buffer, 0, Length, writable: false);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _release, null) is not { } release) return;
        ArrayPool<byte>.Shared.Return(buffer);
        release();
    }
}
