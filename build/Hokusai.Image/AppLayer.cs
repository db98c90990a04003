namespace Hokusai.Image;

/// <summary>The uppermost layer: the program, its libraries, their licences and the list of all that is in the image.</summary>
internal static class AppLayer
{
    private const string Runtimes = "runtimes/";

    public static LayerContent Collect(ImageSources sources, Platform platform, IReadOnlyList<NuGetPackage> packages, byte[] bill)
    {
        if (!File.Exists(Path.Combine(sources.App, "hokusai"))) throw new PackingException($"there is no program in {sources.App}: publish it first, as build/image does");
        var content = new LayerContent();
        content.AddTree("app", sources.App, name => Belongs(name, platform), static name => name == "hokusai");
        content.AddFile("licenses/hokusai/LICENSE", Path.Combine(sources.Repository, "LICENSE"));
        foreach (var package in packages)
        {
            foreach (var file in package.LicenceFiles) content.AddFile($"licenses/nuget/{package.Name}/{Path.GetFileName(file)}", file);
        }
        content.AddBytes("licenses/sbom.cdx.json", bill);
        return content;
    }

    // Libraries in machine code come for all processors; those of others would never be loaded.
    private static bool Belongs(string name, Platform platform) =>
        !name.EndsWith(".pdb", StringComparison.Ordinal) && (!name.StartsWith(Runtimes, StringComparison.Ordinal) || name.StartsWith($"{Runtimes}{platform.Runtime}/", StringComparison.Ordinal));
}
