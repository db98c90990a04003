using System.CommandLine;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Check;

/// <summary><c>hokusai routes check</c>: exit code 0 no faults, 1 faults, 2 bad usage or no routes file.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var routes = new Option<string?>("--routes") { Description = "routes file (default: the one that came with the program)" };
        var direct = SourceOptions.DirectAccess();
        var json = new Option<bool>("--json") { Description = "the same as JSON" };
        var command = new Command("check", "what is wrong with a routes file, all at once, before a load balancer finds it or does not") { routes, direct, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetValue(routes) ?? RoutesFile.Standard;
            var document = RoutesFile.Document(path, await SourceFile.TextAsync(path, cancellation));
            var report = RoutesCheck.Of(path, document, SourceOptions.Networks(parsed.GetValue(direct)));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(RoutesOutput.Json(CheckOutput.Json(report)));
            else await CheckOutput.WriteAsync(output, report);
            return report.Faults.Count > 0 ? ExitCodes.Failed : ExitCodes.Fine;
        });
        return command;
    }
}
