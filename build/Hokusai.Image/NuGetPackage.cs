using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Hokusai.Image;

/// <summary>A NuGet package that is part of the program.</summary>
/// <param name="Name">Its id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha512">Its hash, in hex.</param>
/// <param name="Licence">Its licence as an SPDX expression; null if it only has a file.</param>
/// <param name="Copyright">Whose it is, if it says so.</param>
/// <param name="LicenceFiles">Files with licences and notices that came with it.</param>
internal sealed record NuGetPackage(string Name, string Version, string Sha512, string? Licence, string? Copyright, IReadOnlyList<string> LicenceFiles)
{
    /// <summary>The packages of a published program, from the list that is published with it.</summary>
    /// <param name="dependencies">The program's <c>.deps.json</c>.</param>
    /// <param name="folder">NuGet's package folder.</param>
    public static IReadOnlyList<NuGetPackage> ReadAll(string dependencies, string folder)
    {
        var libraries = JsonNode.Parse(File.ReadAllText(dependencies))!["libraries"]!.AsObject();
        return [.. libraries.Where(library => (string?)library.Value!["type"] == "package").OrderBy(library => library.Key, StringComparer.Ordinal).Select(library => Read(library.Key, (string)library.Value!["sha512"]!, folder))];
    }

    private static NuGetPackage Read(string key, string hash, string folder)
    {
        var (name, version) = key.Split('/') is [var n, var v] ? (n, v) : throw new PackingException($"library '{key}' has no version");
        var place = Path.Combine(folder, name.ToLowerInvariant(), version.ToLowerInvariant());
        var description = Path.Combine(place, name.ToLowerInvariant() + ".nuspec");
        if (!File.Exists(description)) throw new PackingException($"{description} is missing: restore the packages, as build/image does");
        var fields = XDocument.Load(description).Descendants().ToLookup(element => element.Name.LocalName);
        var licence = fields["license"].FirstOrDefault();
        return new NuGetPackage(
            name, version,
            Convert.ToHexStringLower(Convert.FromBase64String(hash["sha512-".Length..])),
            (string?)licence?.Attribute("type") == "expression" ? licence?.Value.Trim() : null,
            fields["copyright"].FirstOrDefault()?.Value.Trim(),
            [.. Directory.EnumerateFiles(place).Where(IsLicence).Order(StringComparer.Ordinal)]);
    }

    private static bool IsLicence(string file) => Path.GetFileNameWithoutExtension(file).ToUpperInvariant() is "LICENSE" or "LICENCE" or "NOTICE" or "THIRD-PARTY-NOTICES" or "THIRDPARTYNOTICES" or "COPYING";
}
