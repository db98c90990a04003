using Hokusai.Verify;

namespace Hokusai.Tests.Verify;

public sealed class ArtifactBytesTests
{
    [Fact]
    public void CopyTo_InBlocks_GivesTheSameBytesAsAtOnce()
    {
        var bytes = ArtifactBytes.FromSeed(1003, 5);
        var whole = Read(bytes, 1003);
        Assert.Equal(whole, Read(bytes, 64));
        Assert.Equal(whole, Read(ArtifactBytes.FromSeed(1003, 5), 8));
        Assert.NotEqual(whole, Read(ArtifactBytes.FromSeed(1003, 6), 1003));
    }

    [Fact]
    public void CopyTo_Text_GivesItsUtf8() => Assert.Equal("flavors: ü"u8.ToArray(), Read(ArtifactBytes.FromText("flavors: ü"), 11));

    private static byte[] Read(ArtifactBytes bytes, int block)
    {
        var all = new byte[bytes.Length];
        for (var at = 0; at < all.Length; at += block) bytes.CopyTo(at, all.AsSpan(at, Math.Min(block, all.Length - at)));
        return all;
    }
}
