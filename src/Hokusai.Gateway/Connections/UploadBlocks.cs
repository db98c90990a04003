using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Hokusai.Gateway.Connections;

/// <summary>
/// What the gateway's socket receives into. The server's own memory comes in blocks of 4 KiB: right for metadata and for thousands of idle
/// connections, each of which holds one, and 16 receives and 16 sends where one of each would do for an artifact. While large bodies
/// are carried through, larger blocks are lent instead.
/// </summary>
/// <param name="usual">The server's own memory.</param>
/// <param name="large">What larger blocks there are.</param>
internal sealed class UploadBlocks(MemoryPool<byte> usual, LargeBlocks large) : MemoryPool<byte>
{
    public override int MaxBufferSize => usual.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => large.TryLend(minBufferSize) ?? usual.Rent(minBufferSize);

    protected override void Dispose(bool disposing)
    {
        if (disposing) usual.Dispose();
    }
}

/// <summary>The larger blocks, of which there are some, and none while nothing large is under way.</summary>
/// <remarks>Who receives meanwhile gets them too, and an idle connection may keep one until its next request: hence the number.</remarks>
internal sealed class LargeBlocks
{
    /// <summary>Size of a block, in bytes.</summary>
    public const int Size = 64 * 1024;

    /// <summary>How many are lent at a time: 16 MiB.</summary>
    public const int Most = 256;

    private int _uploads;
    private int _lent;

    /// <summary>Those of this process, whose memory they share.</summary>
    public static LargeBlocks OfProcess { get; } = new();

    /// <summary>A large body is about to come; <see cref="End"/> must follow.</summary>
    public void Begin() => Interlocked.Increment(ref _uploads);

    public void End() => Interlocked.Decrement(ref _uploads);

    /// <summary>Lends a block.</summary>
    /// <returns>Null if none is needed, none is left, or it would be too small.</returns>
    public IMemoryOwner<byte>? TryLend(int minBufferSize)
    {
        if (Volatile.Read(ref _uploads) == 0 || minBufferSize > Size) return null;
        if (Interlocked.Increment(ref _lent) <= Most) return new Block(this);
        Interlocked.Decrement(ref _lent);
        return null;
    }

    private sealed class Block(LargeBlocks lender) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(Size);

        public Memory<byte> Memory => _bytes;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is not { } bytes) return;
            ArrayPool<byte>.Shared.Return(bytes);
            Interlocked.Decrement(ref lender._lent);
        }
    }
}

/// <summary>Makes the memory of the gateway's socket.</summary>
/// <param name="usual">Makes the server's own.</param>
internal sealed class UploadBlockFactory(IMemoryPoolFactory<byte> usual) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new UploadBlocks(usual.Create(options), LargeBlocks.OfProcess);
}
