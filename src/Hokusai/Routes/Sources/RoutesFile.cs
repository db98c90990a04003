using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>A routes file as a source.</summary>
internal static class RoutesFile
{
    /// <summary>The one that came with the program.</summary>
    public static string Standard => Path.Combine(AppContext.BaseDirectory, "routes.json");

    /// <exception cref="CommandFailure">It can't be read, or is no routes file.</exception>
    public static RoutingDocument Document(string path, string text)
    {
        try
        {
            return RoutingDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw CommandFailure.Usage($"{path}: is no routes file: {e.Message}");
        }
    }

    /// <summary>The file as a listener; what is wrong with it must have been mended.</summary>
    /// <exception cref="CommandFailure">It has faults.</exception>
    public static RoutingSource Read(string path, string text, IReadOnlyList<IPNetwork> directAccess)
    {
        var document = Document(path, text);
        var faults = RoutingTable.TryBuild(document, directAccess, out var table);
        if (table is null) throw CommandFailure.Usage($"{path}: {faults[0]}{(faults.Count > 1 ? $", and {faults.Count - 1} more" : "")}; 'hokusai routes check --routes {path}' names all faults");
        var listener = new ListenerView
        {
            Name = Path.GetFileName(path),
            Rules = [.. table.Rules.Select(r => new RuleView(r))],
            Default = table.Default,
            Off = directAccess.Count > 0 ? [] : [.. document.Rules!.Where(r => r.DirectAccess).OrderBy(r => r.Priority)],
        };
        return new RoutingSource(SourceForm.RoutesFile, [listener], table.Targets.ToDictionary(t => t.Key, t => new GroupView(t.Value) { KnowsDelay = true }), []);
    }
}
