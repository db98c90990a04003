using System.Text.RegularExpressions;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Routes;

/// <summary>docs/routes.md lists what a review can find, and nothing else.</summary>
public sealed partial class RoutesPageTests
{
    [Fact]
    public void Page_Findings_AreThoseOfTheReview()
    {
        var sources = Repository.Files.Where(path => path.StartsWith("src/Hokusai/Routes/Review/", StringComparison.Ordinal)).Select(Repository.Read);
        var known = sources.SelectMany(text => Made().Matches(text)).Select(code => code.Groups["code"].Value).Distinct().Order(StringComparer.Ordinal).ToList();
        var listed = Listed().Matches(Repository.Read("docs/routes.md")).Select(code => code.Groups["code"].Value).Order(StringComparer.Ordinal).ToList();

        Assert.True(known.Count > 20);
        Assert.Equal(known, listed);
    }

    [GeneratedRegex("""new\((Severity\.\w+|severity|same \? Severity\.\w+ : Severity\.\w+), "(?<code>[a-z-]+)",""", RegexOptions.CultureInvariant)]
    private static partial Regex Made();

    [GeneratedRegex("""^\| `(?<code>[a-z-]+)` \| (error|warning|information)""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Listed();
}
