using System.Buffers.Text;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.Tests.Gateway.Sessions;

public sealed class SessionSealTests
{
    private static readonly string First = new('a', 40);
    private static readonly string Second = new('b', 40);
    private static readonly Session Ada = new(SessionSeal.NewId(), ApiKey.Mint(), DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    [Fact]
    public void TryOpen_WhatWasSealed_GivesItBack()
    {
        var seal = new SessionSeal([First]);

        Assert.True(seal.TryOpen(seal.Seal(Ada), out var opened));

        Assert.Equal(Ada, opened);
    }

    [Fact]
    public void Seal_SameSessionTwice_LooksDifferentAndHidesTheKey()
    {
        var seal = new SessionSeal([First]);
        var (one, two) = (seal.Seal(Ada), seal.Seal(Ada));

        Assert.NotEqual(one, two);
        Assert.Equal(-1, Base64Url.DecodeFromChars(one).AsSpan().IndexOf("hk_"u8));
        Assert.DoesNotContain(Ada.Key.Reveal(), Ada.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TryOpen_AnyBitChanged_DoesNotOpen()
    {
        var seal = new SessionSeal([First]);
        var bytes = Base64Url.DecodeFromChars(seal.Seal(Ada));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var forged = bytes.ToArray();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(seal.TryOpen(Base64Url.EncodeToString(forged), out _), $"bit {bit}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("é")]
    public void TryOpen_AnythingElse_DoesNotOpen(string cookie)
    {
        var seal = new SessionSeal([First]);
        Assert.False(seal.TryOpen(cookie, out _));
        Assert.False(seal.TryOpen(seal.Seal(Ada) + cookie + "A", out _));
        Assert.False(seal.TryOpen(new string(cookie.Length == 0 ? '!' : cookie[0], seal.Seal(Ada).Length), out _));
    }

    [Fact]
    public void TryOpen_SecretOnASecondLine_StillOpens()
    {
        var old = new SessionSeal([First]).Seal(Ada);

        Assert.True(new SessionSeal([Second, First]).TryOpen(old, out _));
        Assert.False(new SessionSeal([Second]).TryOpen(old, out _));
        Assert.False(new SessionSeal([First]).TryOpen(new SessionSeal([Second, First]).Seal(Ada), out _));
    }

    [Fact]
    public void FormToken_OfAnotherPurposeHolderOrSecret_IsNone()
    {
        var seal = new SessionSeal([First]);
        var token = seal.FormToken("sign in", "browser");

        Assert.True(seal.IsFormToken(token, "sign in", "browser"));
        Assert.False(seal.IsFormToken(token, "sign out", "browser"));
        Assert.False(seal.IsFormToken(token, "sign in", "another"));
        Assert.False(new SessionSeal([Second]).IsFormToken(token, "sign in", "browser"));
        Assert.False(seal.IsFormToken(null, "sign in", "browser"));
        Assert.False(seal.IsFormToken("", "sign in", "browser"));
    }

    [Fact]
    public void Load_FileThatIsNotThere_IsMadeForItsOwnerAloneAndShared()
    {
        var folder = Directory.CreateTempSubdirectory("hokusai-seal-");
        try
        {
            var options = new SessionOptions { SecretFile = Path.Combine(folder.FullName, "deep", "sessions.secret") };
            var cookie = SessionSeal.Load(options, NullLogger.Instance).Seal(Ada);

            Assert.True(SessionSeal.Load(options, NullLogger.Instance).TryOpen(cookie, out _));
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(options.SecretFile)!));
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.SecretFile));
            File.WriteAllText(options.SecretFile, "short\n");
            Assert.Throws<InvalidDataException>(() => SessionSeal.Load(options, NullLogger.Instance));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Faults_SecretsThatCannotBe_AreToldWithoutThem()
    {
        var faults = new SessionOptions { Secret = "too short", SecretFile = "file", Lifetime = TimeSpan.Zero }.Faults().ToList();

        Assert.Equal(3, faults.Count);
        Assert.DoesNotContain(faults, fault => fault.Contains("too short", StringComparison.Ordinal));
        Assert.DoesNotContain(First, new SessionOptions { Secret = First }.ToString(), StringComparison.Ordinal);
    }
}
