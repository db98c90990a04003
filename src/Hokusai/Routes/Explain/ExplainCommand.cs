using System.CommandLine;
using Hokusai.Routes.Review;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Explain;

/// <summary><c>hokusai routes explain</c>: exit code 0, 2 bad usage or an unreadable source, 3 AWS is not reachable.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var method = new Argument<string>("METHOD") { Description = "for example GET" };
        var url = new Argument<string>("URL") { Description = "a whole URL, or a path that begins with '/'" };
        var from = new Option<string?>("--from") { Description = "address that the request comes from" };
        var headers = new Option<string[]>("--header") { Description = "header of the request, as 'Name: value'; may be given several times" };
        var json = new Option<bool>("--json") { Description = "the same as JSON" };
        var (sources, groups) = (new SourceOptions(), new RoleOptions());
        var command = groups.AddTo(sources.AddTo(new Command("explain", "which rule takes a URL, to which target, as which path, and why") { method, url, from, headers, json }));
        command.SetAction(async (parsed, cancellation) =>
        {
            var asked = AskedRequest.Parse(parsed.GetValue(method)!, parsed.GetValue(url)!, parsed.GetValue(from), parsed.GetValue(headers) ?? []);
            var source = await sources.ReadAsync(parsed, [], cancellation);
            var roles = groups.Read(parsed, source);
            var explanations = ListenersFor(source, asked).Select(listener => RouteExplanation.Of(listener, asked, roles)).ToList();
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(RoutesOutput.Json(ExplainJson.Of(asked, explanations)));
            else await ExplainOutput.WriteAsync(output, asked, explanations, source);
            return ExitCodes.Fine;
        });
        return command;
    }

    // The one that a whole URL leads to, if it can be told; else each.
    private static IEnumerable<ListenerView> ListenersFor(RoutingSource source, AskedRequest asked)
    {
        var at = source.Listeners.Where(listener => asked.Port is not null && listener.Port == asked.Port).ToList();
        return at.Count > 0 ? at : source.Listeners;
    }
}
