using System.CommandLine;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary><c>hokusai routes review</c>: exit code 0 no errors, 1 errors among the findings, 2 bad usage or an unreadable source, 3 AWS is not reachable.</summary>
internal static class ReviewCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "what 'terraform show -json' or 'aws elbv2 describe-…' printed, told apart by content; as GROUP=FILE where a file is about one target group", Arity = ArgumentArity.ZeroOrMore };
        var hosts = new Option<string[]>("--host") { Description = "host name under which clients come (default: those that rules name); may be given several times" };
        var to = new Option<string?>("--output") { Description = "file to write the report to (default: standard output)" };
        var json = new Option<bool>("--json") { Description = "the same as JSON" };
        var (sources, groups) = (new SourceOptions(), new RoleOptions());
        var command = groups.AddTo(sources.AddTo(new Command("review", "document a real listener as a Markdown report, name what is wrong with it, and the change that mends it") { files, hosts, to, json }));
        command.SetAction(async (parsed, cancellation) =>
        {
            var source = await sources.ReadAsync(parsed, parsed.GetValue(files) ?? [], cancellation);
            var review = RoutingReview.Of(new ReviewInput(source, groups.Read(parsed, source), parsed.GetValue(hosts) ?? []));
            var text = parsed.GetValue(json) ? RoutesOutput.Json(ReviewReport.Json(review)) + "\n" : ReviewReport.Page(review);
            if (parsed.GetValue(to) is { } path) await WriteAsync(path, text, cancellation);
            else await parsed.InvocationConfiguration.Output.WriteAsync(text);
            return review.HasErrors ? ExitCodes.Failed : ExitCodes.Fine;
        });
        return command;
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        try
        {
            await File.WriteAllTextAsync(path, text, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandFailure.Usage($"--output '{path}': {e.Message}");
        }
    }
}
