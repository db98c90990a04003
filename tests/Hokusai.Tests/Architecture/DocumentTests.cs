using System.Text.RegularExpressions;

namespace Hokusai.Tests.Architecture;

/// <summary>What the documents point at exists.</summary>
public sealed partial class DocumentTests
{
    private const string Architecture = "docs/architecture.md";

    private static readonly IReadOnlyList<string> Pages = [.. Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal) && (!path.Contains('/', StringComparison.Ordinal) || path.StartsWith("docs/", StringComparison.Ordinal)))];

    [Fact]
    public void Links_ToFiles_LeadToThem()
    {
        var links = Pages.SelectMany(page => Link().Matches(Repository.Read(page)).Select(link => (page, Target: link.Groups["target"].Value))).Where(link => !link.Target.Contains(':', StringComparison.Ordinal)).ToList();
        Assert.Contains(links, link => link is ("README.md", "docs/architecture.md"));
        Repository.AssertNone(links.Where(link => !Exists(link.page, link.Target)).Select(link => $"{link.page}: the link to {link.Target} leads nowhere"));
    }

    [Fact]
    public void Pages_InDocs_AreListedInTheReadme() => Repository.AssertNone(Pages.Where(page => page.StartsWith("docs/", StringComparison.Ordinal) && page.Count(c => c == '/') == 1)
        .Where(page => !Repository.Read("README.md").Contains($"]({page})", StringComparison.Ordinal))
        .Select(page => $"{page}: README.md has no link to it"));

    [Fact]
    public void Architecture_Files_Exist() => Repository.AssertNone(Names().Where(name => FileName().IsMatch(name) && !Repository.Files.Any(path => path == name || path.EndsWith("/" + name, StringComparison.Ordinal)))
        .Select(name => $"{Architecture}: there is no file {name}"));

    [Fact]
    public void Architecture_Folders_Exist() => Repository.AssertNone(Names().Where(name => FolderName().IsMatch(name) && !FileName().IsMatch(name) && !Repository.Files.Any(path => ("/" + path).Contains("/" + name.TrimEnd('/') + "/", StringComparison.Ordinal)))
        .Select(name => $"{Architecture}: there is no folder {name}"));

    [Fact]
    public void Architecture_Types_Exist()
    {
        var sources = string.Join('\n', Repository.Files.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)).Select(Repository.Read));
        Repository.AssertNone(Names().Select(name => TypeName().Match(name)).Where(name => name.Success).Select(name => name.Groups["type"].Value)
            .Where(type => !Regex.IsMatch(sources, $@"\b(class|record|struct|enum|interface) {type}\b"))
            .Select(type => $"{Architecture}: there is no type {type}"));
    }

    private static bool Exists(string page, string target)
    {
        var parts = target.Split('#', 2);
        var file = parts[0].Length == 0 ? page : Path.GetRelativePath(".", Path.Combine(Path.GetDirectoryName(page)!, parts[0])).Replace('\\', '/').TrimEnd('/');
        var full = Path.Combine(Repository.Root, file);
        if (parts.Length == 1) return File.Exists(full) || Directory.Exists(full);
        return File.Exists(full) && Heading().Matches(File.ReadAllText(full)).Any(heading => Anchor(heading.Groups["text"].Value) == parts[1]);
    }

    // As GitHub makes it.
    private static string Anchor(string heading) => string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    private static IEnumerable<string> Names() => Fence().Replace(Repository.Read(Architecture), "") is var page ? Quoted().Matches(page).Select(name => name.Groups["name"].Value).Distinct() : [];

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Fence();

    [GeneratedRegex("`(?<name>[^`\n]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^[\w./-]+\.(cs|json|md|props|tf)$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();

    // With a slash at its end, or of one of the repository's own folders; URLs begin with a slash.
    [GeneratedRegex(@"^((src|tests|docs|infrastructure|build)/[\w./-]*\w|[A-Z][\w./-]*/)$", RegexOptions.CultureInvariant)]
    private static partial Regex FolderName();

    [GeneratedRegex(@"^(?<type>[A-Z][a-z]+([A-Z][a-z]+\d*)+)(\.\w+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex TypeName();
}
