using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Diff;

/// <summary><c>hokusai routes diff</c>: exit code 0 every request goes the same way, 1 some do not, 2 bad usage or an unreadable file.</summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        var old = new Argument<string>("OLD") { Description = "a routes file, 'terraform show -json' of a state, or what 'aws elbv2 describe-rules' printed" };
        var now = new Argument<string>("NEW") { Description = "the same" };
        var direct = SourceOptions.DirectAccess();
        var json = new Option<bool>("--json") { Description = "every change as JSON" };
        var command = new Command("diff", "the URLs that go to another target, or as another path, in the second of two routings") { old, now, direct, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var diff = await ReadAsync(parsed.GetValue(old)!, parsed.GetValue(now)!, SourceOptions.Networks(parsed.GetValue(direct)), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(RoutesOutput.Json(Json(diff)));
            else await WriteAsync(output, diff);
            return diff.IsEmpty ? ExitCodes.Fine : ExitCodes.Failed;
        });
        return command;
    }

    // A routes file does not say who may go past the gateway: unless told, whoever may by the other of the two.
    private static async Task<RoutingDiff> ReadAsync(string old, string now, IReadOnlyList<IPNetwork> networks, CancellationToken cancellation)
    {
        var (before, after) = (await SourceFile.ReadAsync([old], networks, cancellation), await SourceFile.ReadAsync([now], networks, cancellation));
        if (networks.Count > 0 || before.Form == after.Form) return RoutingDiff.Of(before, after);
        if (before.Form == SourceForm.RoutesFile && RoutingDiff.DirectAccessOf(after) is { Count: > 0 } fromNew) before = await SourceFile.ReadAsync([old], fromNew, cancellation);
        if (after.Form == SourceForm.RoutesFile && RoutingDiff.DirectAccessOf(before) is { Count: > 0 } fromOld) after = await SourceFile.ReadAsync([now], fromOld, cancellation);
        return RoutingDiff.Of(before, after);
    }

    // Hundreds of URLs may go the same new way: one stands for them.
    private static async Task WriteAsync(TextWriter output, RoutingDiff diff)
    {
        foreach (var line in diff.Unpaired) await RoutesOutput.LineAsync(output, $"listener {line}", "yellow");
        foreach (var same in diff.Changes.GroupBy(c => (c.Listener, c.Old.Action, c.New.Action, Changed: c.Old.Action == c.New.Action)))
        {
            var first = same.First();
            await RoutesOutput.LineAsync(output, $"{first.Request}{(same.Count() > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {same.Count() - 1} more)") : "")}", "bold");
            await RoutesOutput.LineAsync(output, $"  - {first.Old}", "red");
            await RoutesOutput.LineAsync(output, $"  + {first.New}", "green");
        }
        await RoutesOutput.LineAsync(output, string.Create(CultureInfo.InvariantCulture, $"{diff.Compared} requests compared, {diff.Changes.Count} go another way"));
    }

    private static JsonObject Json(RoutingDiff diff) => new()
    {
        ["compared"] = diff.Compared,
        ["listeners"] = RoutesOutput.Array(diff.Unpaired),
        ["changes"] = RoutesOutput.Array(diff.Changes.Select(c => new JsonObject { ["listener"] = c.Listener, ["request"] = c.Request, ["old"] = Json(c.Old), ["new"] = Json(c.New) })),
    };

    private static JsonObject Json(Outcome outcome) => new() { ["action"] = outcome.Action, ["path"] = outcome.Path, ["host"] = outcome.Host };
}
