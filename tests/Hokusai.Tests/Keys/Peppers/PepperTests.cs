using Hokusai.Contracts.Keys;
using Hokusai.Keys;
using Hokusai.Keys.Peppers;

namespace Hokusai.Tests.Keys.Peppers;

/// <summary>The secret may lie in a file, so these tests need one, in a folder of their own.</summary>
public sealed class PepperTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hokusai-pepper-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Load_NoFile_MakesOneForItsOwnerOnly()
    {
        await LoadAsync("new/keys.pepper");
        // Windows has no such modes: there the folder's own rights count.
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf("new/keys.pepper")));
        Assert.Equal(32, Convert.FromBase64String(await File.ReadAllTextAsync(PathOf("new/keys.pepper"), TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task Hash_SameFile_StaysTheSame()
    {
        var key = ApiKey.Mint();
        var first = await LoadAsync("a");
        var again = await LoadAsync("a");
        Assert.Equal(first.Hash(key), again.Hash(key));
        Assert.Equal(first.Newest.Fingerprint, again.Newest.Fingerprint);
    }

    [Fact]
    public async Task Hash_OtherPepper_IsAnother()
    {
        var key = ApiKey.Mint();
        var one = await LoadAsync("a");
        var other = await LoadAsync("b");
        Assert.NotEqual(one.Hash(key), other.Hash(key));
        Assert.NotEqual(one.Newest.Fingerprint, other.Newest.Fingerprint);
    }

    [Fact]
    public async Task Hash_OtherKey_IsAnother()
    {
        var hasher = await LoadAsync("a");
        Assert.NotEqual(hasher.Hash(ApiKey.Mint()), hasher.Hash(ApiKey.Mint()));
    }

    // HMAC-SHA-256 under 32 zero bytes, computed apart from this code: stored hashes must stay valid.
    [Fact]
    public async Task Hash_KnownPepperAndKey_StaysAsItWas()
    {
        await File.WriteAllTextAsync(PathOf("zero"), Convert.ToBase64String(new byte[32]) + "\n", TestContext.Current.CancellationToken);
        Assert.True(ApiKey.TryParse(ApiKey.LivePrefix + new string('A', 32), out var key));
        Assert.Equal("da2ab062853c7f40a9fcfbbc875519249c006ecd641af19f8497cd80dbd74490", (await LoadAsync("zero")).Hash(key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task Load_DamagedFile_IsRefusedAndLeftAlone(string content)
    {
        await File.WriteAllTextAsync(PathOf("bad"), content, TestContext.Current.CancellationToken);
        var fault = (await Assert.ThrowsAsync<InvalidDataException>(() => LoadAsync("bad"))).Message;
        Assert.Equal($"the pepper file {PathOf("bad")} does not hold 32 bytes in base64; restore it from your backup", fault);
        Assert.Equal(content, await File.ReadAllTextAsync(PathOf("bad"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Load_Environment_GoesBeforeTheFile()
    {
        var text = Pepper.Generate();
        var hasher = await LoadAsync("none", [], (KeysOptions.PepperVariable, text));
        Assert.Equal(("1", Pepper.Parse("1", text, "").Fingerprint), (hasher.Newest.Id, hasher.Newest.Fingerprint));
        Assert.False(File.Exists(PathOf("none")));
    }

    [Fact]
    public async Task Load_Several_AreInTheirOrderWhateverElseIsSet()
    {
        await LoadAsync("old");
        var hasher = await LoadAsync("unused", ["new=env:NEW", $"old=file:{PathOf("old")}"], ("NEW", Pepper.Generate()), (KeysOptions.PepperVariable, Pepper.Generate()));
        Assert.Equal(["new", "old"], hasher.Peppers.Select(pepper => pepper.Id));
        Assert.False(File.Exists(PathOf("unused")));
    }

    [Theory]
    [InlineData("2=env:MISSING", "the environment variable MISSING, which should hold the pepper '2', is not set")]
    [InlineData("2=env:BROKEN", "the environment variable BROKEN, the pepper '2', does not hold 32 bytes in base64")]
    [InlineData("2=file:no-such-pepper", "the pepper '2', is not there")]
    public async Task Load_OneOfSeveralIsMissing_IsToldWithItsIdAndWithoutTheSecret(string source, string expected)
    {
        var fault = (await Assert.ThrowsAsync<InvalidDataException>(() => LoadAsync("x", [source], ("BROKEN", "sesame")))).Message;
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", fault, StringComparison.Ordinal);
        Assert.False(File.Exists("no-such-pepper"));
    }

    private Task<KeyHasher> LoadAsync(string file, IReadOnlyList<string>? peppers = null, params (string Name, string Value)[] variables) => PepperLoader.LoadAsync(
        new KeysOptions { PepperFile = PathOf(file), Peppers = peppers ?? [] }, name => variables.FirstOrDefault(v => v.Name == name).Value, TimeProvider.System);

    private string PathOf(string name) => Path.Combine(_folder, name);
}
