using System.Runtime.InteropServices;

namespace Hokusai.Image;

/// <summary>The middle layer: the .NET and ASP.NET Core runtime that this program itself runs on, where the official images have it.</summary>
internal static class RuntimeLayer
{
    private const string Place = "usr/share/dotnet";

    // For debuggers and tracers, which are not in the image and which its environment switches off, and collectors that only a setting loads.
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal) { "createdump", "libmscordaccore.so", "libmscordbi.so", "libcoreclrtraceptprovider.so", "libclrgc.so", "libclrgcexp.so" };

    /// <summary>The layer, and the runtime's version.</summary>
    public static (LayerContent Content, string Version) Collect()
    {
        var folder = RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');
        var version = Path.GetFileName(folder);
        var root = Path.GetFullPath(Path.Combine(folder, "..", "..", ".."));
        var content = new LayerContent();
        foreach (var part in (string[])[$"host/fxr/{version}", $"shared/Microsoft.NETCore.App/{version}", $"shared/Microsoft.AspNetCore.App/{version}"])
        {
            var source = Path.Combine(root, part);
            if (!Directory.Exists(source)) throw new PackingException($"{source} is missing: install the ASP.NET Core runtime {version}, or the .NET SDK that comes with it");
            content.AddTree($"{Place}/{part}", source, name => !LeftOut.Contains(name), static _ => false);
        }
        foreach (var notice in (string[])["LICENSE.txt", "ThirdPartyNotices.txt"])
        {
            var source = Path.Combine(root, notice);
            if (!File.Exists(source)) throw new PackingException($"{source} is missing: without the licence of .NET its runtime is not packed; install .NET from Microsoft's or Debian's packages");
            content.AddFile($"licenses/dotnet/{notice}", source);
        }
        return (content, version);
    }
}
