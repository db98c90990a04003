namespace Hokusai.SystemTests.Image;

/// <summary>Two builds of one commit are one image.</summary>
[Collection(ImageSuite.Name)]
public sealed class ImageReproductionTests(BuiltImage built)
{
    [Fact(Timeout = ImageSuite.Deadline)]
    public async Task Image_BuiltAgainInAnotherFolder_HasTheSameDigest()
    {
        var first = await built.GetAsync();
        // From nothing, and at a path of another length; with git's data, since the commit is part of the image.
        var copy = built.FolderOf(Path.Combine("another", "checkout", "at a longer path"));
        var files = (await Script.RunAsync("git", TimeSpan.FromMinutes(1), "-C", BuiltImage.Repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard")).Fine();
        foreach (var file in files.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Path.Combine(BuiltImage.Repository, file)))) Copy(file);
        Directory.CreateDirectory(Path.Combine(copy, ".git"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(BuiltImage.Repository, ".git"), "*", SearchOption.AllDirectories)) Copy(Path.GetRelativePath(BuiltImage.Repository, file));

        var second = await BuiltImage.BuildAsync(copy, built.FolderOf("again.oci.tar"));

        Assert.Empty(first.Entries.Join(second.Entries, entry => entry.Path, entry => entry.Path, (a, b) => (a, b)).Where(pair => !pair.a.Bytes.AsSpan().SequenceEqual(pair.b.Bytes)).Select(pair => pair.a.Path));
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(await File.ReadAllBytesAsync(first.Path, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(second.Path, TestContext.Current.CancellationToken));

        void Copy(string file)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            File.Copy(Path.Combine(BuiltImage.Repository, file), Path.Combine(copy, file));
        }
    }
}
