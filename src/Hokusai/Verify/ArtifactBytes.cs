using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Hokusai.Verify;

/// <summary>The bytes of a file to upload. Large ones follow from a seed, block by block, so that no file is ever whole in memory.</summary>
internal sealed class ArtifactBytes
{
    /// <summary>Size of the blocks in which files move; a multiple of 8, so that each block starts at a whole number.</summary>
    public const int BlockSize = 128 * 1024;

    private readonly byte[]? _text;
    private readonly ulong _seed;

    private ArtifactBytes(long length, ulong seed, byte[]? text) => (Length, _seed, _text) = (length, seed, text);

    public long Length { get; }

    public static ArtifactBytes FromSeed(long length, ulong seed) => new(length, seed, null);

    public static ArtifactBytes FromText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new ArtifactBytes(bytes.Length, 0, bytes);
    }

    /// <summary>Writes the bytes from an offset on, as many as the block holds.</summary>
    public void CopyTo(long offset, Span<byte> block)
    {
        if (_text is not null)
        {
            _text.AsSpan((int)offset, block.Length).CopyTo(block);
            return;
        }
        var number = (ulong)offset / sizeof(ulong);
        for (; block.Length >= sizeof(ulong); block = block[sizeof(ulong)..]) BinaryPrimitives.WriteUInt64LittleEndian(block, Mix(_seed + number++));
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(last, Mix(_seed + number));
        last[..block.Length].CopyTo(block);
    }

    // SplitMix64: neighbours differ in half of their bits, and no compression on the way can make the transfer look small.
    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>Sends a file and hashes exactly what was sent.</summary>
internal sealed class HashedContent(ArtifactBytes bytes, Deadline deadline) : HttpContent
{
    /// <summary>SHA-256 of what was sent, in hexadecimal; null until all is sent.</summary>
    public string? Sha256 { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, deadline.Token);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[(int)Math.Min(ArtifactBytes.BlockSize, bytes.Length)];
        for (long sent = 0; sent < bytes.Length; sent += block.Length)
        {
            var part = block.AsMemory(0, (int)Math.Min(block.Length, bytes.Length - sent));
            bytes.CopyTo(sent, part.Span);
            hash.AppendData(part.Span);
            await stream.WriteAsync(part, cancellationToken);
            deadline.Extend();
        }
        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
