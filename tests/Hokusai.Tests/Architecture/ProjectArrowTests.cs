namespace Hokusai.Tests.Architecture;

/// <summary>The arrows between projects, read from the project files: they point down only.</summary>
public sealed class ProjectArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Hokusai"] = ["Hokusai.Contracts", "Hokusai.Edge", "Hokusai.Gateway", "Hokusai.Keys", "Hokusai.Storage", "Hokusai.Tracking"],
        ["Hokusai.Edge"] = ["Hokusai.Contracts"],
        ["Hokusai.Gateway"] = ["Hokusai.Contracts"],
        ["Hokusai.Keys"] = ["Hokusai.Contracts", "Hokusai.Storage"],
        ["Hokusai.Tracking"] = ["Hokusai.Contracts", "Hokusai.Storage"],
        ["Hokusai.Storage"] = [],
        ["Hokusai.Contracts"] = [],
    };

    [Fact]
    public void Projects_InSrc_AreThoseOfTheDesign()
    {
        var found = Projects().Select(project => project.Name).ToList();
        Repository.AssertNone(found.Except(Allowed.Keys).Select(name => $"{name}: the design knows no such project").Concat(Allowed.Keys.Except(found).Select(name => $"{name}: the design's project is missing")));
    }

    [Fact]
    public void Arrows_BetweenProjects_PointDownOnly() => Repository.AssertNone(Projects().SelectMany(project => Arrows(project.Path)
        .Where(target => !Allowed.GetValueOrDefault(project.Name, []).Contains(target))
        .Select(target => $"{project.Name} -> {target} ({project.Path}): the design allows no such arrow")));

    // The stub of the AWS provider stands for a thing outside: what is shipped must not know it, nor it what is shipped.
    [Fact]
    public void AwsStub_Arrows_ComeFromTestsOnly()
    {
        Assert.Empty(Arrows("tests/Hokusai.AwsStub/Hokusai.AwsStub.csproj"));
        Assert.DoesNotContain(Projects(), project => Arrows(project.Path).Contains("Hokusai.AwsStub"));
    }

    // A reference can also be written as a file of another project's output, or be added for all projects at once.
    [Fact]
    public void Arrows_ByOtherMeans_AreNotUsed()
    {
        string[] builds = [.. Repository.Projects("src/"), .. Repository.Files.Where(path => path.EndsWith(".props", StringComparison.Ordinal) || path.EndsWith(".targets", StringComparison.Ordinal))];
        Repository.AssertNone(builds.SelectMany(path => Repository.Xml(path).Descendants()
            .Where(element => element.Name.LocalName is "Reference" or "Import" || (element.Name.LocalName == "ProjectReference" && !path.EndsWith(".csproj", StringComparison.Ordinal)))
            .Select(element => $"{path}: {element}")));
    }

    // The vocabulary that all share must not bring a library along.
    [Fact]
    public void Contracts_Packages_AreNone() => Assert.DoesNotContain(Repository.Xml("src/Hokusai.Contracts/Hokusai.Contracts.csproj").Descendants(), element => element.Name.LocalName is "PackageReference" or "FrameworkReference");

    private static IEnumerable<(string Name, string Path)> Projects() => Repository.Projects("src/").Select(path => (Path.GetFileNameWithoutExtension(path), path));

    private static IEnumerable<string> Arrows(string project) => Repository.Xml(project).Descendants()
        .Where(element => element.Name.LocalName == "ProjectReference")
        .Select(element => Path.GetFileNameWithoutExtension(((string)element.Attribute("Include")!).Replace('\\', '/')));
}
