using System.Text.RegularExpressions;

namespace Hokusai.Tests.Architecture;

/// <summary>What must stand in no file of the repository.</summary>
public sealed partial class SourceTextTests
{
    [Fact]
    public void Files_Keys_HoldNone() => Repository.AssertNone(Repository.Files
        .SelectMany(path => Key().Matches(Repository.Read(path)).Select(found => $"{path}: holds {found.Value[..12]}…, which looks like a key; make keys at run time with ApiKey.Mint()")));

    [Fact]
    public void Sources_SleepsAndWallClocks_AreNotUsed() => Repository.AssertNone(Repository.Files
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal))
        .SelectMany(path => Clock().Matches(Repository.Read(path)).Select(found => $"{path}: {found.Value}: take a TimeProvider, wait for an event with a deadline")));

    [Fact]
    public void Sources_BannedSymbols_AreNotSilenced() => Repository.AssertNone(Repository.Files
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".editorconfig", StringComparison.Ordinal) || path.EndsWith(".globalconfig", StringComparison.Ordinal) || path.EndsWith("proj", StringComparison.Ordinal))
        .Where(path => Silenced().IsMatch(Repository.Read(path)))
        .Select(path => $"{path}: silences RS0030, the rule against banned APIs"));

    [GeneratedRegex("hk_(live|test)_[0-9A-Za-z]{32}", RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex(@"\bThread\s*\.\s*Sleep\b|\bDateTime(Offset)?\s*\.\s*((Utc)?Now|Today)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Clock();

    [GeneratedRegex(@"(disable|NoWarn|severity|SuppressMessage).*\bRS[0]030\b|\bRS[0]030\b.*severity", RegexOptions.CultureInvariant)]
    private static partial Regex Silenced();
}
