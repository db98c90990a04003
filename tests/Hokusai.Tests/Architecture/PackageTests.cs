using System.Text.RegularExpressions;

namespace Hokusai.Tests.Architecture;

/// <summary>Packages: each is declared once, used, and explained.</summary>
public sealed partial class PackageTests
{
    private const string Explanations = "docs/decisions/libraries.md";

    private static readonly List<string> Declared = [.. Names("Directory.Packages.props", "PackageVersion")];

    private static readonly List<string> Used = [.. Repository.Projects().Append("Directory.Build.targets").Append("Directory.Build.props").SelectMany(path => Names(path, "PackageReference")).Distinct()];

    [Fact]
    public void Declared_Packages_AreUsed() => Repository.AssertNone(Declared.Except(Used).Select(name => $"{name} is declared in Directory.Packages.props and used by no project: remove it"));

    [Fact]
    public void Used_Packages_AreDeclared() => Repository.AssertNone(Used.Except(Declared).Select(name => $"{name} is used and not declared in Directory.Packages.props"));

    [Fact]
    public void Declared_Packages_StandInTheDecisionsWithLicenceAndReason()
    {
        var lines = Line().Matches(Repository.Read(Explanations)).ToDictionary(line => line.Groups["package"].Value, line => (Licence: line.Groups["licence"].Value.Trim(), Reason: line.Groups["reason"].Value.Trim()));
        Repository.AssertNone(Declared.Except(lines.Keys).Select(name => $"{name} has no line in {Explanations}: add package, licence and reason"));
        Repository.AssertNone(lines.Keys.Except(Declared).Select(name => $"{name} has a line in {Explanations} and is not used: remove the line"));
        Repository.AssertNone(lines.Where(line => line.Value.Licence.Length == 0 || line.Value.Reason.Length < 20).Select(line => $"{line.Key}: licence or reason is missing in {Explanations}"));
    }

    [Fact]
    public void Aws_Packages_AreSeenByTheirOwnersOnly() => Repository.AssertNone(Repository.Projects("src/").SelectMany(path => Repository.Xml(path).Descendants()
        .Select(found => (Name: (string?)found.Attribute("Include") ?? "", Assets: (string?)found.Attribute("PrivateAssets")))
        .Where(found => found.Name.StartsWith("AWSSDK.", StringComparison.Ordinal) && !(AwsOwners.GetValueOrDefault(path, []).Contains(found.Name) && found.Assets == "compile"))
        .Select(found => $"{path}: {found.Name} belongs to {string.Join(" and ", AwsOwners.Where(owner => owner.Value.Contains(found.Name)).Select(owner => owner.Key))}, with PrivateAssets=\"compile\", so that who references them does not see it")));

    // Secrets are read by one project, artifacts by another.
    private static readonly Dictionary<string, string[]> AwsOwners = new(StringComparer.Ordinal)
    {
        ["src/Hokusai.Keys/Hokusai.Keys.csproj"] = ["AWSSDK.Core", "AWSSDK.SimpleSystemsManagement"],
        ["src/Hokusai.Tracking/Hokusai.Tracking.csproj"] = ["AWSSDK.Core", "AWSSDK.S3"],
    };

    private static IEnumerable<string> Names(string path, string element) =>
        Repository.Xml(path).Descendants().Where(found => found.Name.LocalName == element).Select(found => (string)found.Attribute("Include")!);

    [GeneratedRegex(@"^\| `(?<package>[^`]+)` \|(?<licence>[^|]*)\|(?<reason>[^|]*)\|\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
