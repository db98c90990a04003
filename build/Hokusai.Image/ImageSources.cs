namespace Hokusai.Image;

/// <summary>Where the parts of an image come from.</summary>
/// <param name="App">Folder of the published program.</param>
/// <param name="Repository">The checkout, for its licence.</param>
/// <param name="Packages">NuGet's package folder, for what packages say of their licence.</param>
internal sealed record ImageSources(string App, string Repository, string Packages);

/// <summary>What is packed.</summary>
/// <param name="Version">The program's version.</param>
/// <param name="Revision">The commit that was built.</param>
/// <param name="Created">That commit's time. The time of the build is nowhere: two builds of one commit are equal.</param>
internal sealed record Release(string Version, string Revision, DateTimeOffset Created)
{
    public string CreatedText => Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
