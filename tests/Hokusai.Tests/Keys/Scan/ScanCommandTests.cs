using System.CommandLine;
using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Keys;
using Hokusai.Keys.Scan;

namespace Hokusai.Tests.Keys.Scan;

/// <summary><c>hokusai keys scan</c> on files, archives and git.</summary>
public sealed class ScanCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-scan-");
    private readonly ApiKey _key = ApiKey.Mint();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Files_FoldersAndArchives_AreLookedThroughAndNamed()
    {
        Write("src/a.py", $"import os\nos.environ['MLFLOW_TRACKING_TOKEN'] = '{_key.Reveal()}'\n");
        Write("clean.txt", "nothing");
        Write($"{_key.Reveal()}.txt", "a name");
        Gzip("log.gz", System.Text.Encoding.ASCII.GetBytes($"one\ntwo\nthree {_key.Reveal()}\n"));
        var inner = Zip("inner.zip", ("deep/b.ini", "key=" + _key.Reveal().Replace("_", "%5F", StringComparison.Ordinal)));
        using (var outer = ZipFile.Open(PathOf("outer.zip"), ZipArchiveMode.Create)) outer.CreateEntryFromFile(inner, "inner.zip");
        File.Delete(inner);
        Gzip("outer.zip.gz", File.ReadAllBytes(PathOf("outer.zip")));

        var (code, output, notes) = await RunAsync(_folder.FullName);

        Assert.Equal(1, code);
        var places = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace(_folder.FullName + "/", "", StringComparison.Ordinal)).ToList();
        var tail = $"{_key.Display} certain {Finding.FingerprintOf(_key)}";
        Assert.Equal([$"hk_live_….txt (its name):1: {tail}", $"log.gz:3: {tail}", $"outer.zip!inner.zip!deep/b.ini:1: {tail}", $"outer.zip.gz!inner.zip!deep/b.ini:1: {tail}", $"src/a.py:2: {tail}"], places);
        Assert.Contains("1 key in 5 places; 6 contents, ", notes, StringComparison.Ordinal);
        Assert.DoesNotContain(_key.Reveal(), output + notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_Json_HoldsTheSame()
    {
        Write("a.txt", _key.Reveal());
        Write("b.txt", ApiKey.TestPrefix + new string('x', 32));
        using var without = JsonDocument.Parse((await RunAsync("--json", _folder.FullName)).Output);
        using var with = JsonDocument.Parse((await RunAsync("--json", "--all", _folder.FullName)).Output);

        var found = Assert.Single(without.RootElement.GetProperty("findings").EnumerateArray());
        Assert.Equal(("certain", 1, _key.Display), (found.GetProperty("certainty").GetString(), found.GetProperty("line").GetInt32(), found.GetProperty("display").GetString()));
        Assert.Equal(1, without.RootElement.GetProperty("possible").GetInt32());
        Assert.Equal(["certain", "possible"], with.RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("certainty").GetString()!));
    }

    [Fact]
    public async Task Files_Baseline_IgnoresByFingerprintOnly()
    {
        Write("a.txt", _key.Reveal());
        var baseline = Write("ignore", $"# known\n{Finding.FingerprintOf(_key)}  # revoked in May\n");
        var (code, output, notes) = await RunAsync("--baseline", baseline, _folder.FullName);
        Assert.Equal((0, ""), (code, output));
        Assert.Contains("; 1 ignored", notes, StringComparison.Ordinal);

        Write("b.txt", ApiKey.Mint().Reveal());
        Assert.Equal(1, (await RunAsync("--baseline", baseline, _folder.FullName)).Code);
        Assert.Equal(2, (await Assert.ThrowsAsync<CommandFailure>(() => RunAsync("--baseline", Write("bad", "a.txt"), _folder.FullName))).ExitCode);
        Assert.Equal(2, (await Assert.ThrowsAsync<CommandFailure>(() => RunAsync("--baseline", PathOf("none"), _folder.FullName))).ExitCode);
    }

    [Fact]
    public async Task Files_WhatCannotBeRead_IsNamedAndExitsOtherwise()
    {
        Write("clean.txt", "nothing");
        Gzip("broken.gz", "a text that is long enough to be cut"u8.ToArray());
        var broken = File.ReadAllBytes(PathOf("broken.gz"));
        broken.AsSpan(12, 8).Fill(0xFF);
        File.WriteAllBytes(PathOf("broken.gz"), broken);
        File.WriteAllBytes(PathOf("broken.zip"), [(byte)'P', (byte)'K', 3, 4, 1, 2, 3]);
        File.WriteAllBytes(PathOf("log.xz"), [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 1]);
        File.CreateSymbolicLink(PathOf("link"), PathOf("clean.txt"));

        var (code, _, notes) = await RunAsync(_folder.FullName);

        Assert.Equal(3, code);
        foreach (var name in (string[])["not read: ", "broken.gz: ", "broken.zip: ", "log.xz: xz is not unpacked", "link: is a link", "; 2 not read"]) Assert.Contains(name, notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--stdin", "a")]
    [InlineData("--stdin", "--git")]
    [InlineData("/no/such/file")]
    public async Task Usage_WhatMakesNoSense_IsRefused(params string[] arguments) => Assert.Equal(2, (await Assert.ThrowsAsync<CommandFailure>(() => RunAsync(arguments))).ExitCode);

    [Fact]
    public async Task Git_KeyThatWasDeletedAndOneInAMessage_AreNamedByCommit()
    {
        Git("init", "-q");
        Write("conf/app.env", $"\n\nTOKEN={_key.Reveal()}\n");
        Git("add", ".");
        Git("commit", "-qm", "one");
        var first = Git("rev-parse", "HEAD").Trim();
        Git("rm", "-q", "conf/app.env");
        var told = ApiKey.Mint();
        Git("commit", "-qm", $"two\n\nuse {told.Reveal()}");
        var second = Git("rev-parse", "HEAD").Trim();
        var lost = ApiKey.Mint();
        Write("lost", lost.Reveal());
        var blob = Git("hash-object", "-w", "lost").Trim();
        File.Delete(PathOf("lost"));

        Assert.Equal(0, (await RunAsync(_folder.FullName)).Code);
        var (code, output, _) = await RunAsync("--git", _folder.FullName);

        Assert.Equal(1, code);
        Assert.Contains($"{first[..12]}:conf/app.env:3: {_key.Display}", output, StringComparison.Ordinal);
        Assert.Contains($"{second[..12]} (commit message):", output, StringComparison.Ordinal);
        Assert.Contains($"{blob[..12]}:1: {lost.Display}", output, StringComparison.Ordinal);
        Assert.Equal(3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Git_NoRepository_IsUsage() => Assert.Equal(2, (await Assert.ThrowsAsync<CommandFailure>(() => RunAsync("--git", _folder.FullName))).ExitCode);

    private static async Task<(int Code, string Output, string Notes)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var notes = new StringWriter();
        var code = await KeysCommand.Create().Parse(["scan", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = notes, EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), notes.ToString());
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    private void Gzip(string name, byte[] bytes)
    {
        using var file = new GZipStream(File.Create(PathOf(name)), CompressionLevel.Fastest);
        file.Write(bytes);
    }

    private string Zip(string name, params (string Name, string Text)[] entries)
    {
        using var archive = ZipFile.Open(PathOf(name), ZipArchiveMode.Create);
        foreach (var entry in entries)
        {
            using var writer = new StreamWriter(archive.CreateEntry(entry.Name).Open());
            writer.Write(entry.Text);
        }
        return PathOf(name);
    }

    private string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", _folder.FullName, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", .. arguments]) { RedirectStandardOutput = true })!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output;
    }
}
