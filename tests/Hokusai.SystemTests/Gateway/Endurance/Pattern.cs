namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>
/// Bytes of artifacts that cost nothing to make and little to check: a block of noise again and again, from another place for each file. Its
/// length is a prime, so a piece that is lost, doubled or out of order can't fit by chance, whatever the sizes of the buffers on the way.
/// </summary>
internal static class Pattern
{
    private const int Period = 1_048_583;
    private const int Longest = 1 << 18;

    private static readonly byte[] Noise = Make();

    /// <summary>The next bytes of a file from an offset on, as many as are at hand.</summary>
    public static ReadOnlyMemory<byte> At(int file, long offset, long most) => Noise.AsMemory((int)((file * 7919L + offset) % Period), (int)Math.Min(most, Longest));

    /// <summary>Whether these are the bytes of a file from an offset on.</summary>
    public static bool Is(int file, long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var expected = At(file, offset, bytes.Length).Span;
            if (!bytes[..expected.Length].SequenceEqual(expected)) return false;
            bytes = bytes[expected.Length..];
            offset += expected.Length;
        }
        return true;
    }

    private static byte[] Make()
    {
        var noise = new byte[Period + Longest];
        new Random(1).NextBytes(noise.AsSpan(0, Period));
        noise.AsSpan(0, Longest).CopyTo(noise.AsSpan(Period));
        return noise;
    }
}
