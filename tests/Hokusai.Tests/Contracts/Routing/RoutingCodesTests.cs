using System.Text.RegularExpressions;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Contracts.Routing;

public sealed partial class RoutingCodesTests
{
    private static readonly string Module = Path.Combine(Repository.Root, "infrastructure", "terraform", "modules", "routing");

    [Fact]
    public void Codes_OfBothSides_AreThoseOfThePage()
    {
        var hcl = Codes(Module, "checks-*.tf", CodeInHcl());
        var edge = Codes(Path.Combine(Repository.Root, "src", "Hokusai.Contracts", "Routing"), "*.cs", CodeInCode());
        var page = CodeOnPage().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "routing.md"))).ToLookup(match => match.Groups[2].Value, match => match.Groups[1].Value);
        Assert.NotEmpty(edge);
        Assert.Equal(edge, page["both"].Order());
        Assert.Equal(hcl, page.SelectMany(codes => codes).Order());
    }

    [Fact]
    public void Codes_OfTheTerraformModule_HaveATestEach()
    {
        var tests = string.Concat(Directory.GetFiles(Path.Combine(Module, "tests"), "*.tftest.hcl").Select(File.ReadAllText));
        Assert.All(Codes(Module, "checks-*.tf", CodeInHcl()), code => Assert.Contains($"tolist([\"{code}\"", tests, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Codes(string folder, string files, Regex form) =>
        Directory.GetFiles(folder, files).SelectMany(file => form.Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().Order();

    [GeneratedRegex("code = \"([a-z-]+)\"")]
    private static partial Regex CodeInHcl();

    [GeneratedRegex("new(?: RoutingFault)?\\(\"([a-z-]+)\", \\$?\"")]
    private static partial Regex CodeInCode();

    [GeneratedRegex("^\\| `([a-z-]+)` \\| (both|Terraform) \\|", RegexOptions.Multiline)]
    private static partial Regex CodeOnPage();
}
