using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Hokusai.Keys.Audit;
using Hokusai.Storage;

namespace Hokusai.Keys;

/// <summary><c>hokusai keys audit</c>: what was done to keys, and whether the log of it is whole.</summary>
internal static class AuditCommand
{
    private static readonly string[] Columns = ["SEQ", "AT", "ACT", "ACTOR", "SUBJECT", "DETAIL"];

    public static Command Create() => new("audit", "the log of what was done to keys") { List(), Verify() };

    private static Command List()
    {
        var access = new KeysCommand.Access();
        var after = new Option<long>("--after") { Description = "only entries after this number (default: all)" };
        return access.Command("list", "list the entries, and the head by which 'verify --expect' tells later whether they were changed", [after], async (call, cancellation) =>
            await WriteAsync(call.Output, await AllAsync(call.Client, call.Parsed.GetValue(after), cancellation), call.Json));
    }

    private static Command Verify()
    {
        var store = new Option<string?>("--store-uri") { Description = "the keys' database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME" };
        var file = new Option<string?>("--file") { Description = "an export: what 'hokusai keys audit list --json' printed" };
        var expect = new Option<string[]>("--expect") { Description = "a head that was kept, SEQ:HASH, as 'hokusai keys audit list' prints it; may be given several times" };
        var json = new Option<bool>("--json") { Description = "the same as JSON" };
        var command = new Command("verify", "recompute the log's chain of hashes, without a service; exit code 1 if it is broken") { store, file, expect, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var anchors = (parsed.GetValue(expect) ?? []).Select(Anchor).ToList();
            var report = (parsed.GetValue(store), parsed.GetValue(file)) switch
            {
                ({ } uri, null) => await VerifyStoreAsync(uri, anchors, cancellation),
                (null, { } path) => VerifyFile(path, anchors),
                _ => throw CommandFailure.Usage("give either --store-uri or --file: what is to be verified"),
            };
            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(report, AuditJson.Default.AuditReport) : Text(report));
            return report.Intact ? ExitCodes.Fine : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<AuditPage> AllAsync(KeysClient client, long after, CancellationToken cancellation)
    {
        var entries = new List<AuditEntry>();
        while (true)
        {
            var page = await client.AuditAsync(after, cancellation);
            entries.AddRange(page.Entries);
            // One page's head and entries are of one moment; the last page's are those that belong together.
            if (page.Entries.Count == 0 || page.Entries[^1].Seq >= page.Head.Seq) return new AuditPage(entries, page.Head);
            after = page.Entries[^1].Seq;
        }
    }

    private static async Task WriteAsync(TextWriter output, AuditPage page, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(page, AuditJson.Default.AuditPage));
            return;
        }
        await KeysOutput.WriteTableAsync(output, Columns, [.. page.Entries.Select(e => new[] { e.Seq.ToString(CultureInfo.InvariantCulture), e.At, e.Act, e.Actor, e.Subject, e.Detail })]);
        await output.WriteLineAsync($"head {page.Head}");
    }

    private static async Task<AuditReport> VerifyStoreAsync(string uri, List<AuditHead> anchors, CancellationToken cancellation)
    {
        if (!DatabaseLocation.TryParse(uri, out var location, out var fault)) throw CommandFailure.Usage($"store-uri '{uri.Split('@')[^1]}': {fault}");
        try
        {
            return await AuditStore.VerifyAsync(location, anchors, cancellation);
        }
        catch (StorageException e)
        {
            throw CommandFailure.Unreachable(e.Message);
        }
    }

    private static AuditReport VerifyFile(string path, List<AuditHead> anchors)
    {
        try
        {
            var export = JsonSerializer.Deserialize(File.ReadAllBytes(path), AuditJson.Default.AuditPage) ?? throw CommandFailure.Usage($"file '{path}': is no export of the audit log; 'hokusai keys audit list --json' makes one");
            var verifier = new AuditVerifier(anchors, from: null);
            foreach (var entry in export.Entries.OfType<AuditEntry>()) verifier.Add(entry);
            return verifier.Finish(export.Head);
        }
        catch (JsonException e)
        {
            throw CommandFailure.Usage($"file '{path}': is no export of the audit log ({e.Message}); 'hokusai keys audit list --json' makes one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Unreachable($"file '{path}': can't be read ({e.Message})");
        }
    }

    private static AuditHead Anchor(string text) => text.Split(':') is [var seq, { Length: 64 } hash] && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? new AuditHead(number, hash)
        : throw CommandFailure.Usage($"expect '{text}': write SEQ:HASH, as 'hokusai keys audit list' prints the head");

    private static string Text(AuditReport report) => report switch
    {
        { Intact: false } => $"broken at entry {report.BrokenAt} ({report.Fault}): {report.Reason}",
        { Last: 0 } => "intact: no entries",
        { First: 1 } => $"intact: entries 1 to {report.Last}, head {report.Head}",
        _ => $"intact: entries {report.First} to {report.Last}, head {report.Head}; what came before {report.First} is not in the file",
    };
}
