using Hokusai.Contracts.Keys;
using Hokusai.Keys.Store;

namespace Hokusai.Tests.Keys.Store;

/// <summary>The secret lies in a file, so these tests need one, in a folder of their own.</summary>
public sealed class KeyHasherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hokusai-pepper-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_NoFile_MakesOneForItsOwnerOnly()
    {
        KeyHasher.Load(PathOf("new/keys.pepper"));
        // Windows has no such modes: there the folder's own rights count.
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf("new/keys.pepper")));
        Assert.Equal(32, Convert.FromBase64String(File.ReadAllText(PathOf("new/keys.pepper"))).Length);
    }

    [Fact]
    public void Hash_SameFile_StaysTheSame()
    {
        var key = ApiKey.Mint();
        var first = KeyHasher.Load(PathOf("a"));
        var again = KeyHasher.Load(PathOf("a"));
        Assert.Equal(first.Hash(key), again.Hash(key));
        Assert.Equal(first.Fingerprint, again.Fingerprint);
    }

    [Fact]
    public void Hash_OtherPepper_IsAnother()
    {
        var key = ApiKey.Mint();
        var one = KeyHasher.Load(PathOf("a"));
        var other = KeyHasher.Load(PathOf("b"));
        Assert.NotEqual(one.Hash(key), other.Hash(key));
        Assert.NotEqual(one.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void Hash_OtherKey_IsAnother()
    {
        var hasher = KeyHasher.Load(PathOf("a"));
        Assert.NotEqual(hasher.Hash(ApiKey.Mint()), hasher.Hash(ApiKey.Mint()));
    }

    // HMAC-SHA-256 under 32 zero bytes, computed apart from this code: stored hashes must stay valid.
    [Fact]
    public void Hash_KnownPepperAndKey_StaysAsItWas()
    {
        File.WriteAllText(PathOf("zero"), Convert.ToBase64String(new byte[32]) + "\n");
        Assert.True(ApiKey.TryParse(ApiKey.LivePrefix + new string('A', 32), out var key));
        Assert.Equal("da2ab062853c7f40a9fcfbbc875519249c006ecd641af19f8497cd80dbd74490", KeyHasher.Load(PathOf("zero")).Hash(key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Load_DamagedFile_IsRefusedAndLeftAlone(string content)
    {
        File.WriteAllText(PathOf("bad"), content);
        var fault = Assert.Throws<InvalidDataException>(() => KeyHasher.Load(PathOf("bad"))).Message;
        Assert.Equal($"the pepper file {PathOf("bad")} does not hold 32 bytes in base64; restore it from your backup", fault);
        Assert.Equal(content, File.ReadAllText(PathOf("bad")));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
