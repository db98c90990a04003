using System.Security.Cryptography;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;

namespace Hokusai.Tests.Gateway.Admission;

public sealed class DenyListTests
{
    [Fact]
    public void Parse_EachForm_NamesItsKeyAndNoOther()
    {
        var (byHash, byPrefix, other) = (ApiKey.Mint(), ApiKey.Mint(test: true), ApiKey.Mint());
        var list = DenyList.Parse($"# an incident\r\n\n{Convert.ToHexString(SHA256.HashData(byHash.ToBytes()))}  # by hash\n{byPrefix.Display}\n key_17 \n", out var faults);

        Assert.Empty(faults);
        Assert.Equal(3, list.Count);
        Assert.True(list.Names(byHash, KeyFingerprint.Of(byHash)));
        Assert.True(list.Names(byPrefix, KeyFingerprint.Of(byPrefix)));
        Assert.False(list.Names(other, KeyFingerprint.Of(other)));
        Assert.True(list.NamesId("key_17"));
        Assert.False(list.NamesId("key_1"));
    }

    [Theory]
    [InlineData("hk_live_")]
    [InlineData("hk_live_abc")]
    [InlineData("two words")]
    [InlineData("schlüssel")]
    public void Parse_BrokenLine_IsNamedByItsNumberAndNotShown(string line)
    {
        var list = DenyList.Parse($"key_1\n{line}\n", out var faults);

        Assert.StartsWith("line 2: ", Assert.Single(faults), StringComparison.Ordinal);
        Assert.DoesNotContain(line, faults[0], StringComparison.Ordinal);
        Assert.Equal(1, list.Count);
    }
}
