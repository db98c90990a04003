using System.Text.RegularExpressions;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Serve;

/// <summary>One row of a table in docs/configuration.md.</summary>
internal sealed record DocumentedSetting(string Name, string Default, string Range, string Meaning);

/// <summary>Reads the tables of docs/configuration.md.</summary>
internal static partial class ConfigurationPage
{
    public const string Path = "docs/configuration.md";

    /// <summary>The settings that a role's section lists.</summary>
    public static IReadOnlyList<DocumentedSetting> Settings(string role) => [.. Setting().Matches(Section(role)).Select(row => new DocumentedSetting(Plain(row, "name"), Plain(row, "default"), Plain(row, "range"), Plain(row, "meaning")))];

    /// <summary>The flags that a role's section lists.</summary>
    public static IReadOnlyList<DocumentedSetting> Flags(string role) => [.. Flag().Matches(Section(role)).Select(row => new DocumentedSetting(Plain(row, "name"), Plain(row, "default"), "", Plain(row, "meaning")))];

    private static string Section(string role)
    {
        var page = Repository.Read(Path);
        var begin = page.IndexOf($"\n## {role}\n", StringComparison.Ordinal);
        Assert.True(begin >= 0, $"{Path} has no section {role}");
        var end = page.IndexOf("\n## ", begin + 1, StringComparison.Ordinal);
        return end < 0 ? page[begin..] : page[begin..end];
    }

    private static string Plain(Match row, string cell) => row.Groups[cell].Value.Replace("`", "", StringComparison.Ordinal).Trim();

    [GeneratedRegex(@"^\| (?<name>[a-z][A-Za-z]*) \|(?<default>[^|]*)\|(?<range>[^|]*)\|(?<meaning>[^|]*)\|$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Setting();

    [GeneratedRegex(@"^\| `(?<name>--[a-z-]+)` \|(?<default>[^|]*)\|(?<meaning>[^|]*)\|$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Flag();
}
