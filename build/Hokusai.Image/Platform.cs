using System.Runtime.InteropServices;

namespace Hokusai.Image;

/// <summary>What differs between processors.</summary>
/// <param name="Architecture">In images, as in Go's GOARCH.</param>
/// <param name="Runtime">In NuGet's <c>runtimes</c> folders.</param>
/// <param name="Triplet">Debian's folder of libraries.</param>
/// <param name="Loader">The program loader, whose path stands in every executable.</param>
internal sealed record Platform(string Architecture, string Runtime, string Triplet, string Loader)
{
    /// <summary>This machine's.</summary>
    /// <exception cref="PackingException">There is no image for it.</exception>
    public static Platform Current => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => new("amd64", "linux-x64", "x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2"),
        System.Runtime.InteropServices.Architecture.Arm64 => new("arm64", "linux-arm64", "aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1"),
        var other => throw new PackingException($"no image is made for {other}: build on x64 or arm64"),
    };
}
