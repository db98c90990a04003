using System.Text;
using Hokusai.Contracts.Keys;

namespace Hokusai.Tests.Contracts.Keys;

public sealed class ApiKeyTests
{
    [Theory]
    [InlineData(false, "hk_live_")]
    [InlineData(true, "hk_test_")]
    public void Mint_Environment_GivesAKeyOfThatForm(bool test, string prefix)
    {
        var key = ApiKey.Mint(test);
        Assert.Matches($"^{prefix}[0-9A-Za-z]{{32}}$", key.Reveal());
        Assert.Equal(test, key.IsTest);
        Assert.True(key.HasValidChecksum);
        Assert.Null(ApiKey.Fault(key.Reveal()));
    }

    [Fact]
    public void Mint_Often_NeverRepeatsAndUsesTheWholeAlphabet()
    {
        var keys = Enumerable.Range(0, 500).Select(_ => ApiKey.Mint().Reveal()).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.Equal(62, keys.SelectMany(key => key[ApiKey.LivePrefix.Length..^6]).Distinct().Count());
    }

    // The checksum is part of the contract: keys in the field must stay valid. The values were computed apart from this code.
    [Theory]
    [InlineData("hk_live_", 'A', "pXRRT3")]
    [InlineData("hk_test_", '0', "dl9TEJ")]
    public void HasValidChecksum_KnownKey_StaysValid(string prefix, char fill, string checksum) =>
        Assert.True(Parse(prefix + new string(fill, 26) + checksum).HasValidChecksum);

    [Fact]
    public void HasValidChecksum_OneWrongCharacterAnywhere_IsFalse()
    {
        var text = ApiKey.Mint().Reveal();
        for (var i = ApiKey.LivePrefix.Length; i < text.Length; i++)
        {
            var typo = new StringBuilder(text) { [i] = text[i] == 'x' ? 'y' : 'x' }.ToString();
            Assert.False(Parse(typo).HasValidChecksum, $"a typo at {i} goes unseen");
        }
    }

    [Fact]
    public void HasValidChecksum_OtherEnvironment_IsFalse() =>
        Assert.False(Parse(ApiKey.TestPrefix + ApiKey.Mint().Reveal()[ApiKey.LivePrefix.Length..]).HasValidChecksum);

    [Fact]
    public void TryParse_OwnKey_GivesTheSameKey()
    {
        var minted = ApiKey.Mint();
        Assert.True(ApiKey.TryParse(minted.Reveal(), out var parsed));
        Assert.Equal(minted, parsed);
        Assert.Equal(minted.Reveal(), parsed.Reveal());
    }

    [Fact]
    public void TryParse_KeyWithoutChecksum_IsTaken()
    {
        var imported = Parse(ApiKey.LivePrefix + new string('7', 32));
        Assert.False(imported.HasValidChecksum);
        Assert.Equal(40, imported.Reveal().Length);
    }

    [Fact]
    public void TryParse_Null_IsRefused() => Assert.False(ApiKey.TryParse(null, out _));

    [Fact]
    public void Fault_TextWithoutPrefix_NamesBothPrefixes() =>
        AssertFault("it does not start with hk_live_ or hk_test_", "", "sk_live_" + new string('a', 32), "HK_LIVE_" + new string('a', 32), " " + ApiKey.Mint().Reveal(), "hk_prod_" + new string('a', 32));

    [Fact]
    public void Fault_CutOrLongKey_NamesBothLengths()
    {
        var key = ApiKey.Mint().Reveal();
        AssertFault("it has 39 characters, a key has 40: it may have been cut or have something pasted to it", key[..^1]);
        AssertFault("it has 41 characters, a key has 40: it may have been cut or have something pasted to it", key + "\n");
        AssertFault("it has 8 characters, a key has 40: it may have been cut or have something pasted to it", ApiKey.LivePrefix);
    }

    [Fact]
    public void Fault_OddCharacter_IsTold()
    {
        var key = ApiKey.Mint().Reveal();
        AssertFault("it holds characters other than letters and digits", key[..^1] + "-", key[..^1] + "é", key[..^1] + "\n", ApiKey.LivePrefix + " " + key[9..], ApiKey.LivePrefix + "_" + key[9..]);
    }

    [Fact]
    public void ToString_Key_NeverRevealsIt()
    {
        var key = ApiKey.Mint();
        var secret = key.Reveal();
        foreach (var shown in new[] { key.ToString(), $"{key}", string.Concat("", key), key.Display })
        {
            Assert.Equal(secret[..12] + "…", shown);
            Assert.DoesNotContain(secret[..13], shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Equals_Keys_ComparesTheWholeText()
    {
        var key = ApiKey.Mint();
        var same = Parse(key.Reveal());
        var other = Parse(key.Reveal()[..^1] + (key.Reveal()[^1] == 'a' ? 'b' : 'a'));
        Assert.True(key == same);
        Assert.False(key != same);
        Assert.True(key.Equals((object)same));
        Assert.Equal(key.GetHashCode(), same.GetHashCode());
        Assert.False(key == other);
        Assert.True(key != other);
        Assert.False(key.Equals((object)other));
        Assert.False(key.Equals(key.Reveal()));
    }

    [Fact]
    public void Default_Key_IsEmptyAndValidNowhere()
    {
        ApiKey none = default;
        Assert.Equal("", none.Reveal());
        Assert.Equal("", none.ToString());
        Assert.Empty(none.ToBytes());
        Assert.False(none.HasValidChecksum);
        Assert.False(none.IsTest);
        Assert.False(none == ApiKey.Mint());
    }

    [Fact]
    public void ToBytes_Key_IsItsText()
    {
        var key = ApiKey.Mint();
        Assert.Equal(key.Reveal(), Encoding.ASCII.GetString(key.ToBytes()));
    }

    private static ApiKey Parse(string text)
    {
        Assert.True(ApiKey.TryParse(text, out var key));
        return key;
    }

    private static void AssertFault(string fault, params string[] texts)
    {
        foreach (var text in texts)
        {
            Assert.False(ApiKey.TryParse(text, out _));
            Assert.Equal(fault, ApiKey.Fault(text));
        }
    }
}
