using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Hokusai.Tests.Architecture;

/// <summary>Ids of log events, read from the built assemblies: operators alert on them, so each means one thing for good.</summary>
public sealed partial class LogEventTests
{
    private const BindingFlags AnyMethod = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<string, int> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Hokusai.Edge"] = 1000,
        ["Hokusai.Gateway"] = 2000,
        ["Hokusai.Keys"] = 3000,
        ["Hokusai.Tracking"] = 4000,
        ["Hokusai.Storage"] = 5000,
        ["Hokusai"] = 6000,
    };

    private static readonly List<LogEvent> Events = [.. Blocks.Keys.SelectMany(EventsOf)];

    [Fact]
    public void Ids_OfAllProjects_AreUnique() => Repository.AssertNone(Twins(found => $"id {found.Id}"));

    [Fact]
    public void Names_OfAllProjects_AreThereAndUnique()
    {
        Repository.AssertNone(Events.Where(found => string.IsNullOrEmpty(found.Name)).Select(found => $"{found.Method} has no EventName"));
        Repository.AssertNone(Twins(found => $"name {found.Name}"));
    }

    [Fact]
    public void Ids_OfAProject_LieInItsBlock() => Repository.AssertNone(Events
        .Where(found => found.Id < Blocks[found.Project] || found.Id >= Blocks[found.Project] + 1000)
        .Select(found => $"{found.Method}: id {found.Id} lies outside of {Blocks[found.Project]}-{Blocks[found.Project] + 999}, the block of {found.Project}"));

    [Fact]
    public void Methods_OfAProject_StandInALogClass() => Repository.AssertNone(Events.Where(found => !found.Class.EndsWith("Log", StringComparison.Ordinal)).Select(found => $"{found.Method}: log messages stand in a class named Log, or in a slice's own whose name ends in Log"));

    // What reflection does not see would be checked by nobody.
    [Fact]
    public void Events_FoundByReflection_AreAllThatTheSourcesHold()
    {
        var written = Repository.Files
            .Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
            .Sum(path => Attribute().Count(Repository.Read(path)));
        Assert.NotEqual(0, written);
        Assert.Equal(written, Events.Count);
    }

    private static IEnumerable<string> Twins(Func<LogEvent, string> key) => Events.GroupBy(key).Where(twins => twins.Count() > 1)
        .Select(twins => $"{twins.Key} is used by {string.Join(" and ", twins.Select(found => found.Method))}");

    private static IEnumerable<LogEvent> EventsOf(string project) =>
        from type in Assembly.Load(project == "Hokusai" ? "hokusai" : project).GetTypes()
        from method in type.GetMethods(AnyMethod)
        let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
        where attribute is not null
        select new LogEvent(project, type.Name, $"{type.FullName}.{method.Name}", attribute.EventId, attribute.EventName);

    [GeneratedRegex(@"^\s*\[LoggerMessage\(", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Attribute();

    private sealed record LogEvent(string Project, string Class, string Method, int Id, string? Name);
}
