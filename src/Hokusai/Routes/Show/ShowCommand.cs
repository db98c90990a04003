using System.CommandLine;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Show;

/// <summary><c>hokusai routes show</c>: exit code 0, 2 the source can't be read, 3 AWS is not reachable.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var sources = new SourceOptions();
        var json = new Option<bool>("--json") { Description = "the same as JSON" };
        var command = sources.AddTo(new Command("show", "the rules in the order in which they are tried, the default and the target groups") { json });
        command.SetAction(async (parsed, cancellation) =>
        {
            var source = await sources.ReadAsync(parsed, [], cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(RoutesOutput.Json(ShowJson.Of(source)));
            else await ShowOutput.WriteAsync(output, source);
            return ExitCodes.Fine;
        });
        return command;
    }
}
