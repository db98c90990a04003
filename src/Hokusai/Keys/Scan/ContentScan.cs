using System.IO.Compression;
using System.Text;

namespace Hokusai.Keys.Scan;

/// <summary>Looks through one content: as it is, or unpacked where it is gzip or zip, also within each other.</summary>
internal sealed class ContentScan(ScanReport report)
{
    // A zip in an archive needs its end first, and so has to be held whole.
    private const int LargestInner = 256 * 1024 * 1024;
    private const int Deepest = 5;

    private static readonly (byte[] Begin, string Name)[] Unknown =
        [([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ("BZh"u8.ToArray(), "bzip2"), ([0x37, 0x7A, 0xBC, 0xAF], "7z"), ("Rar!"u8.ToArray(), "rar")];

    /// <summary>Looks through a stream and tells the report.</summary>
    /// <param name="place">What to call it.</param>
    /// <param name="stream">Its bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task ScanAsync(string place, Stream stream, CancellationToken cancellation) => ScanAsync(place, stream, 0, cancellation);

    private async Task ScanAsync(string place, Stream stream, int depth, CancellationToken cancellation)
    {
        try
        {
            var begin = new byte[6];
            var length = await stream.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, cancellation);
            await using var whole = new PrefixedStream(begin.AsMemory(0, length), stream);
            if (begin is [0x1F, 0x8B, 8, ..] && depth < Deepest) await ScanGzipAsync(place, whole, depth, cancellation);
            else if (begin is [(byte)'P', (byte)'K', 3, 4, ..] && depth < Deepest) await ScanZipAsync(place, stream, whole, depth, cancellation);
            else await ScanPlainAsync(place, begin, whole, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            report.AddUnread(place, e.Message);
        }
    }

    private async Task ScanPlainAsync(string place, byte[] begin, Stream stream, CancellationToken cancellation)
    {
        if (Array.Find(Unknown, packed => begin.AsSpan().StartsWith(packed.Begin)) is { Name: { } packing }) report.AddLeftOut(place, $"{packing} is not unpacked; its bytes were looked at as they are");
        report.Read(await KeyFinder.ScanAsync(stream, (key, line) => report.Add(Finding.Of(place, line, key)), cancellation));
    }

    private async Task ScanGzipAsync(string place, Stream stream, int depth, CancellationToken cancellation)
    {
        await using var unpacked = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        await ScanAsync(place, unpacked, depth + 1, cancellation);
    }

    private async Task ScanZipAsync(string place, Stream stream, Stream whole, int depth, CancellationToken cancellation)
    {
        await using var held = stream.CanSeek ? null : await HoldAsync(whole, cancellation);
        if (held is null) stream.Position = 0;
        await using var archive = await ZipArchive.CreateAsync(held ?? stream, ZipArchiveMode.Read, leaveOpen: true, Encoding.UTF8, cancellation);
        foreach (var entry in archive.Entries.Where(entry => !entry.FullName.EndsWith('/')))
        {
            var inner = $"{place}!{Contracts.Keys.KeyRedactor.Redact(entry.FullName)}";
            try
            {
                await using var content = await entry.OpenAsync(cancellation);
                await ScanAsync(inner, content, depth + 1, cancellation);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or NotSupportedException)
            {
                report.AddUnread(inner, e.Message);
            }
        }
    }

    private static async Task<MemoryStream> HoldAsync(Stream stream, CancellationToken cancellation)
    {
        var held = new MemoryStream();
        var buffer = new byte[128 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (held.Length + read > LargestInner) throw new InvalidDataException($"is a zip of more than {LargestInner >> 20} MiB within an archive: unpack the outer one first");
            held.Write(buffer, 0, read);
        }
        held.Position = 0;
        return held;
    }
}

/// <summary>Bytes that were read already, then the rest of the stream that they came from, which stays open.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : Stream
{
    private ReadOnlyMemory<byte> _prefix = prefix;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_prefix.IsEmpty) return rest.Read(buffer);
        var count = Math.Min(buffer.Length, _prefix.Length);
        _prefix.Span[..count].CopyTo(buffer);
        _prefix = _prefix[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _prefix.IsEmpty ? rest.ReadAsync(buffer, cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
