using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hokusai.Keys.Scan;

namespace Hokusai.SystemTests.Image;

/// <summary>What is in the image, and what must not be.</summary>
[Collection(ImageSuite.Name)]
public sealed partial class ImageContentTests(BuiltImage built)
{
    private const long LargestCompressed = 60_000_000;

    private const UnixFileMode Special = UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit;
    private const UnixFileMode ForOthersToWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Size_Compressed_IsBelow60Megabytes() => Assert.InRange((await built.GetAsync()).CompressedSize, 1_000_000, LargestCompressed);

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Files_AreRootsAndForNobodyElseToWrite()
    {
        var image = await built.GetAsync();

        Assert.Empty(image.Entries.Where(entry => entry.Path != "data" && (entry.Owner, entry.Group) != (0, 0)).Select(entry => entry.Path));
        Assert.Empty(image.Entries.Where(entry => entry.Type != TarEntryType.SymbolicLink && (entry.Mode & (Special | ForOthersToWrite)) != 0).Select(entry => entry.Path));
        // The one folder that is the program's: empty, for a volume.
        var data = image.Entry("data");
        Assert.Equal((TarEntryType.Directory, 1654, 1654, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute), (data.Type, data.Owner, data.Group, data.Mode));
        Assert.DoesNotContain(image.Entries, entry => entry.Path.StartsWith("data/", StringComparison.Ordinal));
    }

    // No shell, no package manager, no interpreter: whoever gets in finds nothing to go on with.
    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Executables_AreTheProgramAndItsLoader()
    {
        var image = await built.GetAsync();
        var executables = image.Entries.Where(entry => entry.IsFile && entry.IsExecutable).Select(entry => entry.Path).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(2, executables.Count);
        Assert.Equal("app/hokusai", executables[0]);
        Assert.Matches(@"^usr/lib(64)?/ld-linux-[\w-]+\.so\.\d$", executables[1]);
        Assert.DoesNotContain(image.Entries, entry => entry.IsFile && entry.Bytes.AsSpan().StartsWith("#!"u8));
    }

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Files_LieWhereTheyAreExpected() => Assert.Empty((await built.GetAsync()).Entries.Where(entry => entry.Type != TarEntryType.Directory && !Expected().IsMatch(entry.Path)).Select(entry => entry.Path));

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Links_LeadToWhatIsInTheImage()
    {
        var image = await built.GetAsync();
        var folders = image.Entries.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);

        Assert.All(image.Entries.Where(entry => entry.Type == TarEntryType.SymbolicLink), link => Assert.Contains(link.Target, folders));
    }

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Files_Keys_HoldNone()
    {
        var report = new ScanReport(Baseline.None);
        var scan = new ContentScan(report);
        foreach (var entry in (await built.GetAsync()).Entries.Where(entry => entry.IsFile))
            await scan.ScanAsync(entry.Path, new MemoryStream(entry.Bytes), TestContext.Current.CancellationToken);

        Assert.Empty(report.Findings);
        Assert.Empty(report.Unread);
    }

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Files_PathsOfTheMachineThatBuilt_HoldNone()
    {
        var image = await built.GetAsync();
        byte[][] traces = [.. ((string[])[BuiltImage.Repository, "/.nuget/packages"]).SelectMany(path => (byte[][])[Encoding.UTF8.GetBytes(path), Encoding.Unicode.GetBytes(path)])];

        Assert.Empty(image.Entries.Where(entry => entry.IsFile && entry.Path.StartsWith("app/", StringComparison.Ordinal) && Array.Exists(traces, trace => entry.Bytes.AsSpan().IndexOf(trace) >= 0)).Select(entry => entry.Path));
    }

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Bill_NamesEveryPackageWithItsLicence()
    {
        var image = await built.GetAsync();
        var components = JsonNode.Parse(image.Entry("licenses/sbom.cdx.json").Bytes)!["components"]!.AsArray().ToDictionary(component => (string)component!["name"]!, component => component!);

        Assert.All(components.Values, component => Assert.True(component["licenses"] is JsonArray { Count: > 0 }, $"{component["name"]} has no licence"));
        Assert.All(components.Values.Select(component => (string?)component["licenses"]![0]!["license"]?["name"]).OfType<string>(), text =>
            Assert.Contains(image.Entries, entry => entry.IsFile && entry.Path.StartsWith(text.Split(' ')[1], StringComparison.Ordinal)));
        Assert.All(Pinned(), package => Assert.Equal(package.Version, (string?)components[package.Name]["version"]));
        // Every library of the system comes from a package in the list.
        Assert.All((string[])["libc6", "ca-certificates", "libssl", "libstdc++", "libgcc"], name => Assert.Contains(components.Keys, known => known.StartsWith(name, StringComparison.Ordinal)));
    }

    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Settings_RunTheProgramAsNobodySpecial()
    {
        var image = await built.GetAsync();

        Assert.Equal("1654:1654", (string?)image.Settings["User"]);
        Assert.Equal("""["/app/hokusai"]""", image.Settings["Entrypoint"]!.ToJsonString());
        Assert.Matches("^[0-9a-f]{40}(-changed)?$", (string?)image.Settings["Labels"]!["org.opencontainers.image.revision"]);
        Assert.Equal(Version(), (string?)image.Settings["Labels"]!["org.opencontainers.image.version"]);
    }

    private static string Version() => XDocument.Load(Path.Combine(BuiltImage.Repository, "Directory.Build.props")).Descendants("Version").Single().Value;

    // The packages of the program, without those of build and tests.
    private static IEnumerable<(string Name, string Version)> Pinned() => XDocument.Load(Path.Combine(BuiltImage.Repository, "Directory.Packages.props")).Descendants("ItemGroup")
        .Where(group => group.Attribute("Label") is null).Descendants("PackageVersion").Select(package => ((string)package.Attribute("Include")!, (string)package.Attribute("Version")!));

    [GeneratedRegex(
        @"^(app/[\w.-]+|app/runtimes/linux-\w+/native/[\w.-]+\.so|etc/(passwd|group|nsswitch\.conf|os-release|ssl/certs/ca-certificates\.crt)|lib|lib64|licenses/(hokusai|dotnet|debian/[\w.+-]+|nuget/[\w.-]+)/[\w.-]+|licenses/sbom\.cdx\.json|usr/lib(64)?/ld-linux[\w.-]+|usr/lib/[\w-]+-linux-gnu/lib[\w.+-]+\.so\.\d+|usr/share/dotnet/(host/fxr|shared/Microsoft\.(NETCore|AspNetCore)\.App)/[\d.]+/(\.version|[\w.-]+\.(dll|so|json))|var/lib/dpkg/status\.d/[\w.+-]+)(?<!\.pdb)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Expected();
}
