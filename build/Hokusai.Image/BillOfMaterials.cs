using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hokusai.Image;

/// <summary>The list of all that is in an image, with licences (CycloneDX 1.6, JSON).</summary>
internal static class BillOfMaterials
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static byte[] Write(Release release, string runtime, IReadOnlyList<NuGetPackage> packages, IReadOnlyList<DebianPackage> system)
    {
        var bill = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject { ["timestamp"] = release.CreatedText, ["component"] = Component("application", "hokusai", release.Version, $"pkg:generic/hokusai@{release.Version}?vcs_revision={Uri.EscapeDataString(release.Revision)}", "Apache-2.0") },
            ["components"] = new JsonArray([Runtime(runtime), .. packages.Select(NuGet), .. system.Select(Debian)]),
        };
        return Encoding.UTF8.GetBytes(bill.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Runtime(string version) => Component("framework", "Microsoft.AspNetCore.App", version, $"pkg:generic/dotnet-aspnetcore-runtime@{version}", "MIT");

    private static JsonObject NuGet(NuGetPackage package)
    {
        var component = Component("library", package.Name, package.Version, $"pkg:nuget/{package.Name}@{package.Version}", package.Licence);
        if (package.Licence is null) component["licenses"] = new JsonArray(Named($"licenses/nuget/{package.Name}"));
        if (package.Copyright is { } copyright) component["copyright"] = copyright;
        component["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = package.Sha512 });
        return component;
    }

    // Debian's licences are texts about single files, not expressions.
    private static JsonObject Debian(DebianPackage package)
    {
        var component = Component("library", package.Name, package.Version, $"pkg:deb/debian/{Uri.EscapeDataString(package.Name)}@{Uri.EscapeDataString(package.Version)}?arch={package.Architecture}", null);
        component["licenses"] = new JsonArray(Named($"licenses/debian/{package.Name}/copyright"));
        return component;
    }

    private static JsonObject Named(string place) => new() { ["license"] = new JsonObject { ["name"] = $"see {place} in the image" } };

    private static JsonObject Component(string type, string name, string version, string purl, string? licence)
    {
        var component = new JsonObject { ["type"] = type, ["bom-ref"] = purl, ["name"] = name, ["version"] = version, ["purl"] = purl };
        if (licence is not null) component["licenses"] = new JsonArray(new JsonObject { ["expression"] = licence });
        return component;
    }
}
