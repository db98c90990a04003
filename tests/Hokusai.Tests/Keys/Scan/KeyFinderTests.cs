using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Scan;

namespace Hokusai.Tests.Keys.Scan;

/// <summary>Any key anywhere is found, and nothing else is.</summary>
public sealed class KeyFinderTests
{
    private const int Window = 256 * 1024;

    private static readonly Dictionary<string, Func<string, byte[]>> Spellings = new()
    {
        ["plain"] = key => Encoding.ASCII.GetBytes(key),
        ["UTF-16 LE"] = key => Encoding.Unicode.GetBytes(key),
        ["UTF-16 BE"] = key => Encoding.BigEndianUnicode.GetBytes(key),
        ["%5F"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "%5F", StringComparison.Ordinal)),
        ["%255f"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "%255f", StringComparison.Ordinal)),
        ["all escaped"] = key => Encoding.ASCII.GetBytes(string.Concat(key.Select(c => $"%{(int)c:X2}"))),
        ["all escaped twice"] = key => Encoding.ASCII.GetBytes(string.Concat(key.Select(c => $"%25{(int)c:x2}"))),
        ["all but the first"] = key => Encoding.ASCII.GetBytes("h" + string.Concat(key.Skip(1).Select(c => $"%{(int)c:x2}"))),
        ["JSON"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "\\u005f", StringComparison.Ordinal)),
        ["JSON in JSON"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "\\\\u005F", StringComparison.Ordinal)),
        ["all JSON"] = key => Encoding.ASCII.GetBytes(string.Concat(key.Select(c => $"\\u{(int)c:x4}"))),
        ["all JSON but the first"] = key => Encoding.ASCII.GetBytes("h" + string.Concat(key.Skip(1).Select(c => $"\\u{(int)c:x4}"))),
        ["JSON in UTF-16"] = key => Encoding.Unicode.GetBytes(key.Replace("_", "\\u005f", StringComparison.Ordinal)),
        ["\\x5f"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "\\x5f", StringComparison.Ordinal)),
        ["Markdown"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "\\_", StringComparison.Ordinal)),
        ["HTML"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "&#95;", StringComparison.Ordinal)),
        ["HTML, hexadecimal"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "&#x5F;", StringComparison.Ordinal)),
        ["quoted-printable"] = key => Encoding.ASCII.GetBytes(key.Replace("_", "=5F", StringComparison.Ordinal)),
        ["Basic, as user"] = key => Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes(key + ":"))),
        ["Basic, 1 before"] = key => Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes("u" + key))),
        ["Basic, 2 before"] = key => Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes("u:" + key))),
        ["Basic, 6 before"] = key => Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes("token:" + key))),
    };

    public static TheoryData<string> Names { get; } = [.. Spellings.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Scan_MintedKeyAnywhere_IsFoundOnce(string spelling)
    {
        var random = new Random(spelling.Length);
        for (var i = 0; i < 12; i++)
        {
            var key = ApiKey.Mint(test: i % 2 == 1);
            var spelled = Spellings[spelling](key.Reveal());
            // A quarter of them lie across the end of a window, where it is hardest.
            var at = i % 4 == 0 ? Window - random.Next(1500) : random.Next(500_000);
            var bytes = Noise(random, 600_000, text: i % 3 == 0);
            // What stands before base64 must not be base64 too, or it would be another quantum.
            bytes[at] = (byte)' ';
            spelled.CopyTo(bytes, at + 1);
            if (spelled[^1] != 0) bytes[at + 1 + spelled.Length] = (byte)' ';

            var found = await FindAsync(bytes, random);

            Assert.Equal([(key, 1 + bytes.AsSpan(0, at + 1).Count((byte)'\n'))], found);
        }
    }

    [Fact]
    public async Task Scan_KeyAfterKey_FindsThemAll()
    {
        var keys = Enumerable.Range(0, 20_000).Select(_ => ApiKey.Mint()).ToList();
        var bytes = Encoding.ASCII.GetBytes(string.Concat(keys.Select(key => key.Reveal())));

        var found = await FindAsync(bytes, new Random(1));

        Assert.Equal(keys.Count, found.Count);
        Assert.Equal(keys.Select(key => key.Reveal()).ToHashSet(), found.Select(hit => hit.Key.Reveal()).ToHashSet());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scan_RandomBytes_HoldNone(bool text) => Assert.Empty(await FindAsync(Noise(new Random(7), 3_000_000, text), new Random(8)));

    [Fact]
    public async Task Scan_WordsThatLookLikeIt_AreNone()
    {
        const string Text = "hk hk_ hk_live_ hk_live_… hk_live_XXXX hk_prod_0123456789abcdefghijABCDEFGHIJ01 HK_LIVE_0123456789abcdefghijABCDEFGHIJ01 hk_live_0123456789-bcdefghijABCDEFGHIJ01 %68k h%6 \\u0068 aGtf hrX oa19 h\0k";
        Assert.Empty(await FindAsync(Encoding.ASCII.GetBytes(Text), new Random(1)));
        Assert.Empty(await FindAsync(Encoding.Unicode.GetBytes(Text), new Random(1)));
    }

    [Fact]
    public async Task Scan_FormWithoutChecksum_IsPossibleOnlyIfItEndsThere()
    {
        var imported = ApiKey.LivePrefix + new string('a', 32);
        var found = Assert.Single(await FindAsync(Encoding.ASCII.GetBytes($"x={imported}; y={imported}b {imported}7"), new Random(1)));
        Assert.False(Finding.Of("f", found.Line, found.Key).IsCertain);
    }

    [Fact]
    public async Task Scan_AnyPrefixOfAKeysSpelling_EndsQuietly()
    {
        foreach (var spell in Spellings.Values)
        {
            var spelled = spell(ApiKey.Mint().Reveal());
            // Base64 may end in padding that is no part of the key.
            for (var length = 0; length < spelled.Length - 8; length++) Assert.Empty(await FindAsync(spelled[..length], new Random(length)));
        }
    }

    private static byte[] Noise(Random random, int length, bool text)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        if (text) for (var i = 0; i < length; i++) bytes[i] = (byte)"abchk_live test\n%0568"[bytes[i] % 21];
        return bytes;
    }

    private static async Task<List<(ApiKey Key, long Line)>> FindAsync(byte[] bytes, Random random)
    {
        var found = new List<(ApiKey, long)>();
        Assert.Equal(bytes.Length, await KeyFinder.ScanAsync(new Dribble(bytes, random), (key, line) => found.Add((key, line)), TestContext.Current.CancellationToken));
        return found;
    }

    /// <summary>Gives as little or as much as it likes, as sockets and decompressors do.</summary>
    private sealed class Dribble(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 100_000))], cancellationToken);
    }
}
