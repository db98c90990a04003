using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Image;

/// <summary>The image of this checkout, built by its script once for all tests that ask.</summary>
public sealed class BuiltImage : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<ImageFile>> _image;

    public BuiltImage() => _image = new Lazy<Task<ImageFile>>(() => BuildAsync(Repository, _folder.PathOf("hokusai.oci.tar")));

    /// <summary>The checkout.</summary>
    internal static string Repository { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    internal string FolderOf(string name) => _folder.PathOf(name);

    internal Task<ImageFile> GetAsync()
    {
        Need(File.Exists("/var/lib/dpkg/status"), "a Debian or Ubuntu, whose libraries go into the image");
        return _image.Value;
    }

    /// <summary>Builds the image of a checkout.</summary>
    internal static async Task<ImageFile> BuildAsync(string checkout, string file)
    {
        var said = (await Script.RunAsync(Path.Combine(checkout, "build", "image"), Deadline, "--output", file)).Fine();
        return ImageFile.Read(file, said.Split('\n').Single(line => line.StartsWith("digest ", StringComparison.Ordinal))["digest ".Length..]);
    }

    /// <summary>Skips the test if something is missing; not in CI, where it would never be noticed.</summary>
    internal static void Need(bool present, string what)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.True(present, $"the tests of the image need {what}");
        else Assert.SkipUnless(present, $"needs {what}");
    }

    public void Dispose() => _folder.Dispose();
}
