namespace Hokusai.Gateway.Telemetry.Debugging;

/// <summary>The beginning of what passed through a stream, and how much passed in all.</summary>
internal sealed class BodyHead
{
    /// <summary>How much of a body is kept.</summary>
    public const int Limit = 2 * 1024;

    private readonly Lock _writing = new();
    private readonly byte[] _bytes = new byte[Limit];
    private int _kept;
    private long _total;

    /// <summary>A copy of what was kept, and the length of the whole.</summary>
    public (byte[] Head, long Total) Read()
    {
        lock (_writing) return (_bytes[.._kept], _total);
    }

    // A request's body may still be read while its answer is logged already.
    public void Add(ReadOnlySpan<byte> part)
    {
        lock (_writing)
        {
            _total += part.Length;
            if (_kept == Limit) return;
            var taken = part[..Math.Min(part.Length, Limit - _kept)];
            taken.CopyTo(_bytes.AsSpan(_kept));
            _kept += taken.Length;
        }
    }
}

/// <summary>Passes everything on and keeps the beginning.</summary>
internal sealed class TeeStream(Stream inner, BodyHead head) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        head.Add(buffer.AsSpan(offset, read));
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        head.Add(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        head.Add(buffer.AsSpan(offset, count));
        inner.Write(buffer, offset, count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        head.Add(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
