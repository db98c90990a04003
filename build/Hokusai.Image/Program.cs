using System.CommandLine;
using Hokusai.Image;

// Packs what was published, the .NET runtime that runs this program and the system libraries of this machine into an image, without an
// engine, a registry or a network. build/image calls it.
var app = new Option<DirectoryInfo>("--app") { Description = "the published program", Required = true };
var root = new Option<DirectoryInfo>("--repository") { Description = "the checkout, for its licence", Required = true };
var packages = new Option<DirectoryInfo>("--packages") { Description = "NuGet's package folder, for licences", Required = true };
var version = new Option<string>("--release") { Description = "version of the program", Required = true };
var revision = new Option<string>("--revision") { Description = "commit that was built", Required = true };
var created = new Option<long>("--created") { Description = "time of that commit, in seconds since 1970: the only time in the image", Required = true };
var output = new Option<FileInfo>("--output") { Description = "the OCI archive to write", Required = true };
var command = new RootCommand("packs an image") { app, root, packages, version, revision, created, output };
command.SetAction(parsed =>
{
    try
    {
        var release = new Release(parsed.GetValue(version)!, parsed.GetValue(revision)!, DateTimeOffset.FromUnixTimeSeconds(parsed.GetValue(created)));
        var image = HokusaiImage.Assemble(new ImageSources(parsed.GetValue(app)!.FullName, parsed.GetValue(root)!.FullName, parsed.GetValue(packages)!.FullName), release);
        OciArchive.Write(image, parsed.GetValue(output)!.FullName);
        Console.WriteLine($"{image.Digest} {image.Size}");
        return 0;
    }
    catch (PackingException e)
    {
        Console.Error.WriteLine($"image: {e.Message}");
        return 3;
    }
});
return command.Parse(args).Invoke();
