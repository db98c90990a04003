using System.CommandLine;
using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.Serve;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>Keys at rest.</summary>
public sealed class KeyStorageTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Store_FilesOnDisk_HoldNoMoreOfAKeyThanItsDisplay()
    {
        await using var hop = await KeysHop.StartAsync();
        var (_, key) = await hop.CreateAsync();
        await hop.ValidateAsync(key);
        await hop.Role.StopAsync();

        var folder = Path.GetDirectoryName(hop.Database)!;
        var all = string.Concat(Directory.GetFiles(folder).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))));

        foreach (var plain in (string[])[key, hop.Admin])
        {
            Assert.Contains(plain[..(ApiKey.LivePrefix.Length + ApiKey.DisplayLength)], all, StringComparison.Ordinal);
            // Neither the key nor any piece of it beyond the four characters that are shown.
            for (var i = ApiKey.LivePrefix.Length; i + 6 <= plain.Length; i++) Assert.DoesNotContain(plain.Substring(i, 6), all, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Store_Restart_KeepsKeysAndMintsNoSecondFirstOne()
    {
        await using var hop = await KeysHop.StartAsync();
        var (id, key) = await hop.CreateAsync();
        var (gone, revoked) = await hop.CreateAsync();
        await hop.SendAsync("POST", $"/api/v1/keys/{gone}/revoke", hop.Admin);
        await hop.Role.StopAsync();

        await hop.StartRoleAsync();

        Assert.Null(hop.Role.FirstKey);
        var (status, verdict) = await hop.ValidateAsync(key);
        Assert.Equal((200, id), (status, verdict.GetProperty("key_id").GetString()));
        Assert.Equal(401, (await hop.ValidateAsync(revoked)).Status);
        Assert.Equal(200, (await hop.SendAsync("GET", "/api/v1/keys", hop.Admin)).Status);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("another", "does not belong to the keys in")]
    [InlineData("none", "does not belong to the keys in")]
    [InlineData("damaged", "does not hold 32 bytes in base64")]
    public async Task Store_WrongPepper_IsRefusedWithAReadableMessage(string pepper, string expected)
    {
        await using var hop = await KeysHop.StartAsync();
        await hop.Role.StopAsync();
        var right = await File.ReadAllBytesAsync(hop.Pepper, TestContext.Current.CancellationToken);
        if (pepper == "none") File.Delete(hop.Pepper);
        else await File.WriteAllTextAsync(hop.Pepper, pepper == "damaged" ? "not base64!" : Convert.ToBase64String(new byte[32]), TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<CommandFailure>(hop.StartRoleAsync);

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, failure.ExitCode);
        await File.WriteAllBytesAsync(hop.Pepper, right, TestContext.Current.CancellationToken);
        await hop.StartRoleAsync();
        Assert.Equal(200, (await hop.ValidateAsync(hop.Admin)).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Serve_PepperFlagBesideOtherPeppers_IsRefused()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.PathOf("hokusai.json"), """{"keys": {"peppers": ["2=env:NONE"]}}""", TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => ServeCommand.Create().Parse(["keys", "--config", folder.PathOf("hokusai.json"), "--pepper-file", folder.PathOf("pepper")])
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));

        Assert.Equal(2, failure.ExitCode);
        Assert.Contains("keys --pepper-file: the setting peppers", failure.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Store_PepperFile_IsReadableByItsOwnerOnly()
    {
        await using var hop = await KeysHop.StartAsync();

        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(hop.Pepper));
        Assert.Equal(32, Convert.FromBase64String((await File.ReadAllTextAsync(hop.Pepper, TestContext.Current.CancellationToken)).Trim()).Length);
    }
}
