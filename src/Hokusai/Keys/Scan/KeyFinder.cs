using System.Buffers;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Scan;

/// <summary>Finds keys in a stream of any length, whatever bytes it holds: one window slides over it, and marks are looked for with the processor's wide instructions.</summary>
internal static class KeyFinder
{
    private const int Window = 256 * 1024;

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">What to look through.</param>
    /// <param name="found">Called with each key and its line, in no order.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many bytes it had.</returns>
    public static async Task<long> ScanAsync(Stream stream, Action<ApiKey, long> found, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Window);
        try
        {
            var (total, line, filled, from) = (0L, 1L, 0, 0);
            while (true)
            {
                var read = await stream.ReadAtLeastAsync(buffer.AsMemory(filled, Window - filled), Window - filled, throwOnEndOfStream: false, cancellation);
                var isEnd = filled + read < Window;
                (total, filled) = (total + read, filled + read);
                // What begins behind it may go on beyond the window: it comes again with the next one.
                var until = isEnd ? filled : filled - SpelledKey.Longest;
                Look(buffer.AsSpan(0, filled), from, until, line, found);
                if (isEnd) return total;
                var keep = until - SpelledKey.Before;
                line += buffer.AsSpan(0, keep).Count((byte)'\n');
                buffer.AsSpan(keep, filled - keep).CopyTo(buffer);
                (filled, from) = (filled - keep, SpelledKey.Before);
            }
        }
        finally
        {
            // Keys must not lie about in memory that others rent.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static void Look(ReadOnlySpan<byte> bytes, int from, int until, long line, Action<ApiKey, long> found)
    {
        foreach (var (mark, read) in SpelledKey.Marks)
        {
            // A mark may reach over the end of what is looked at, its beginning may not.
            var region = bytes[..Math.Min(bytes.Length, until + mark.Length - 1)];
            var at = from;
            while (at < region.Length && region[at..].IndexOf(mark) is var next and >= 0)
            {
                at += next;
                if (read(bytes, at) is { } key) found(key, line + bytes[..at].Count((byte)'\n'));
                at++;
            }
        }
    }
}
