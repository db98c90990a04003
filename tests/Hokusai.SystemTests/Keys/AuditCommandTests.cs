using System.CommandLine;
using System.Text.Json;
using Hokusai.Keys;
using Hokusai.Keys.Audit;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary><c>hokusai keys audit</c> and <c>hokusai keys pepper</c>.</summary>
public sealed class AuditCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Deadlines.Test)]
    public async Task List_Plain_EndsWithTheHeadThatVerifyTakes()
    {
        await using var hop = await KeysHop.StartAsync();
        await hop.CreateAsync();

        var (_, text) = await RunAsync(hop, "audit", "list", "--after", "2");

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["SEQ", "3", "4"], lines[..3].Select(line => line.Split('\t')[0]));
        Assert.StartsWith("head 4:", lines[3], StringComparison.Ordinal);
        var head = lines[3]["head ".Length..];
        Assert.Equal((0, $"intact: entries 1 to 4, head {head}\n"), await InvokeAsync("audit", "verify", "--store-uri", hop.Store, "--expect", head));
        var (code, broken) = await InvokeAsync("audit", "verify", "--store-uri", hop.Store, "--expect", "5:" + head[2..]);
        Assert.Equal((1, "broken at entry 5 (truncated): the log ends at entry 4, the anchor knows entry 5\n"), (code, broken));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Verify_Export_IsReadFromItsFile()
    {
        await using var hop = await KeysHop.StartAsync();
        var (id, _) = await hop.CreateAsync();
        var (_, export) = await RunAsync(hop, "audit", "list", "--json");
        var file = hop.PathOf("audit.json");

        await File.WriteAllTextAsync(file, export, Cancellation);
        Assert.Equal(0, (await InvokeAsync("audit", "verify", "--file", file)).Code);
        await File.WriteAllTextAsync(file, export.Replace(id, "key_other", StringComparison.Ordinal), Cancellation);
        var (code, text) = await InvokeAsync("audit", "verify", "--file", file, "--json");

        var report = JsonSerializer.Deserialize(text, AuditJson.Default.AuditReport)!;
        Assert.Equal((1, false, "changed", 4), (code, report.Intact, report.Fault, report.BrokenAt));
        var part = (await RunAsync(hop, "audit", "list", "--json", "--after", "2")).Text;
        await File.WriteAllTextAsync(file, part, Cancellation);
        Assert.EndsWith("what came before 3 is not in the file\n", (await InvokeAsync("audit", "verify", "--file", file)).Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task List_MoreThanAPage_IsWhole()
    {
        await using var hop = await KeysHop.StartAsync();
        // Each with a connection of its own: more at once than wait to be accepted would be left to TCP's long waits.
        foreach (var some in Enumerable.Range(0, 1100).Chunk(100)) await Task.WhenAll(some.Select(_ => hop.CreateAsync()));

        var page = JsonSerializer.Deserialize((await RunAsync(hop, "audit", "list", "--json")).Text, AuditJson.Default.AuditPage)!;

        Assert.Equal(1103, page.Entries.Count);
        Assert.Equal((1103, page.Entries[^1].Hash), (page.Head.Seq, page.Head.Hash));
        Assert.Equal(0, (await InvokeAsync("audit", "verify", "--store-uri", hop.Store)).Code);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Run_BadUsage_IsToldInOneLine()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.PathOf("html"), "<html>", Cancellation);
        await File.WriteAllTextAsync(folder.PathOf("null"), """{"entries":[{"seq":1}],"head":null}""", Cancellation);

        await ExpectAsync(2, "give either --store-uri or --file", "audit", "verify");
        await ExpectAsync(2, "give either --store-uri or --file", "audit", "verify", "--store-uri", "sqlite:///x", "--file", "y");
        await ExpectAsync(2, "write SEQ:HASH", "audit", "verify", "--file", "y", "--expect", "7");
        await ExpectAsync(2, "only sqlite:///FILE", "audit", "verify", "--store-uri", "mysql://x");
        await ExpectAsync(2, "is no export", "audit", "verify", "--file", folder.PathOf("html"));
        await ExpectAsync(2, "is no export", "audit", "verify", "--file", folder.PathOf("null"));
        await ExpectAsync(3, "can't be read", "audit", "verify", "--file", folder.PathOf("none"));
        await ExpectAsync(3, "there is no such file", "audit", "verify", "--store-uri", folder.Sqlite("none"));
        Assert.False(File.Exists(folder.PathOf("none")));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task PepperStatus_OnePepper_ShowsItsKeysButNotItself()
    {
        await using var hop = await KeysHop.StartAsync();

        var (_, text) = await RunAsync(hop, "pepper", "status");

        Assert.StartsWith("PEPPER_ID\tSTATE\tKEYS\tUSABLE\tFINGERPRINT\n1\tnewest\t1\t1\t", text, StringComparison.Ordinal);
        Assert.DoesNotContain((await File.ReadAllTextAsync(hop.Pepper, Cancellation)).Trim(), text, StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("/api/v1/keys/audit")]
    [InlineData("/api/v1/keys/peppers")]
    public async Task Read_WithoutTheScopeAdmin_IsRefused(string path)
    {
        await using var hop = await KeysHop.StartAsync();
        var (_, lesser) = await hop.CreateAsync();

        Assert.Equal((401, 403), ((await hop.SendAsync("GET", path, null)).Status, (await hop.SendAsync("GET", path, lesser)).Status));
        foreach (var client in (HttpClient[])[hop.Role.Client(), hop.Role.AdminClient()])
        {
            using var outside = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", "Bearer " + hop.Admin }, { "X-Forwarded-For", "192.0.2.1" } } };
            using var answer = await client.SendAsync(outside, Cancellation);
            Assert.Equal(404, (int)answer.StatusCode);
        }
    }

    private static async Task ExpectAsync(int code, string message, params string[] arguments)
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => InvokeAsync(arguments));
        Assert.Equal(code, failure.ExitCode);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Text)> RunAsync(KeysHop hop, params string[] arguments) => InvokeAsync([.. arguments, "--url", hop.Role.AdminUrl, "--key", hop.Admin]);

    private static async Task<(int Code, string Text)> InvokeAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        var code = await KeysCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }, Cancellation);
        return (code, output.ToString());
    }
}
