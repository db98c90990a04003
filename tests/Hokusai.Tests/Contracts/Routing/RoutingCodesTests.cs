using System.Text.RegularExpressions;

namespace Hokusai.Tests.Contracts.Routing;

public sealed partial class RoutingCodesTests
{
    [Fact]
    public void Codes_OfTheTerraformModule_AreThoseOfThePageAndHaveATestEach()
    {
        var module = Path.Combine(Root(), "infrastructure", "terraform", "modules", "routing");
        var codes = Directory.GetFiles(module, "checks-*.tf").SelectMany(file => CodeInHcl().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().Order().ToList();
        var page = CodeOnPage().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "routing.md"))).Select(match => match.Groups[1].Value).Order().ToList();
        Assert.NotEmpty(codes);
        Assert.Equal(codes, page);
        var tests = string.Concat(Directory.GetFiles(Path.Combine(module, "tests"), "*.tftest.hcl").Select(File.ReadAllText));
        Assert.All(codes, code => Assert.Contains($"\"{code}\"", tests, StringComparison.Ordinal));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Hokusai.slnx"))) folder = folder.Parent ?? throw new InvalidOperationException("the repository's root is not above the tests");
        return folder.FullName;
    }

    [GeneratedRegex("code = \"([a-z-]+)\"")]
    private static partial Regex CodeInHcl();

    [GeneratedRegex("^\\| `([a-z-]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex CodeOnPage();
}
