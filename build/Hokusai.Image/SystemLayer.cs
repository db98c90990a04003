using System.Text;

namespace Hokusai.Image;

/// <summary>The lowest layer: the libraries that .NET loads, certificates and the few files that glibc reads. No shell, no tools.</summary>
internal static class SystemLayer
{
    /// <summary>User and group that the program runs as: the same as in the official .NET images.</summary>
    public const int User = 1654;

    private const string Authorities = "/usr/share/ca-certificates";

    private static readonly string[] Libraries =
    [
        "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1",
        "libgcc_s.so.1", "libstdc++.so.6",
        // TLS: loaded when the first certificate is looked at.
        "libssl.so.3", "libcrypto.so.3",
    ];

    /// <summary>The layer, and the packages that its files come from.</summary>
    public static (LayerContent Content, IReadOnlyList<DebianPackage> Packages) Collect(Platform platform)
    {
        var debian = DebianDatabase.Read("libc6", "libgcc", "libstdc++", "libssl", "ca-certificates");
        var content = new LayerContent();
        var packages = new SortedDictionary<string, DebianPackage>(StringComparer.Ordinal);

        content.AddLink("lib", "usr/lib");
        if (platform.Loader.StartsWith("lib64/", StringComparison.Ordinal)) content.AddLink("lib64", "usr/lib64");
        Take($"usr/{platform.Loader}", $"/{platform.Loader}", executable: true);
        foreach (var library in Libraries) Take($"usr/lib/{platform.Triplet}/{library}", $"/usr/lib/{platform.Triplet}/{library}");

        content.AddBytes("etc/ssl/certs/ca-certificates.crt", Bundle());
        Note(debian.OwnerOf(Authorities));
        content.AddText("etc/passwd", $"root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:{User}:{User}::/data:/usr/sbin/nologin\n");
        content.AddText("etc/group", $"root:x:0:\napp:x:{User}:\n");
        content.AddText("etc/nsswitch.conf", "hosts: files dns\n");
        content.AddFile("etc/os-release", "/etc/os-release");
        // The one place that the program may write to, if a volume is mounted there or the root file system is writable.
        content.AddFolderOf(User, "data");
        foreach (var package in packages.Values)
        {
            content.AddFile($"licenses/debian/{package.Name}/copyright", package.Copyright);
            // Where scanners for known vulnerabilities look in images without dpkg.
            content.AddText($"var/lib/dpkg/status.d/{package.Name}", package.Record);
        }
        return (content, [.. packages.Values]);

        void Take(string path, string file, bool executable = false)
        {
            if (!File.Exists(file)) throw new PackingException($"{file} is not on this machine: install the Debian package that has it, or build with the Dockerfile");
            content.AddFile(path, File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file, executable);
            Note(debian.OwnerOf(file));
        }

        void Note(DebianPackage package) => packages[package.Name] = package;
    }

    // From the package's own files: the machine's bundle has whatever authorities its owner added.
    private static byte[] Bundle()
    {
        var certificates = Directory.Exists(Authorities) ? Directory.EnumerateFiles(Authorities, "*.crt", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList() : [];
        if (certificates.Count == 0) throw new PackingException($"there are no certificates in {Authorities}: install the Debian package ca-certificates");
        var bundle = new StringBuilder();
        foreach (var certificate in certificates) bundle.Append(File.ReadAllText(certificate).TrimEnd()).Append('\n');
        return Encoding.ASCII.GetBytes(bundle.ToString());
    }
}
