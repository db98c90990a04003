namespace Hokusai.Image;

/// <summary>An installed Debian package.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture">Its architecture in Debian's words.</param>
/// <param name="Record">What dpkg knows of it, as scanners read it.</param>
internal sealed record DebianPackage(string Name, string Version, string Architecture, string Record)
{
    /// <summary>Where its licence lies.</summary>
    public string Copyright => $"/usr/share/doc/{Name}/copyright";
}

/// <summary>dpkg's database of this machine, read from its files (deb(5), dpkg-query(1)).</summary>
internal sealed class DebianDatabase
{
    private const string Folder = "/var/lib/dpkg";

    private readonly Dictionary<string, DebianPackage> _packages;
    private readonly Dictionary<string, string> _owners;

    private DebianDatabase(Dictionary<string, DebianPackage> packages, Dictionary<string, string> owners) => (_packages, _owners) = (packages, owners);

    /// <summary>Reads packages whose names begin with one of the given.</summary>
    /// <exception cref="PackingException">This is no Debian.</exception>
    public static DebianDatabase Read(params IReadOnlyCollection<string> names)
    {
        if (!File.Exists($"{Folder}/status")) throw new PackingException("the system libraries are taken from Debian or Ubuntu, which this machine is not: build with the Dockerfile");
        var packages = File.ReadAllText($"{Folder}/status").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(Parse)
            .Where(package => names.Any(name => package.Name.StartsWith(name, StringComparison.Ordinal)))
            .GroupBy(package => package.Name)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var list in Directory.EnumerateFiles($"{Folder}/info", "*.list"))
        {
            var name = Path.GetFileNameWithoutExtension(list).Split(':')[0];
            if (!packages.ContainsKey(name)) continue;
            foreach (var file in File.ReadLines(list)) owners[Merged(file)] = name;
        }
        return new DebianDatabase(packages, owners);
    }

    /// <summary>The package that a file belongs to.</summary>
    /// <exception cref="PackingException">None; its licence would not be known.</exception>
    public DebianPackage OwnerOf(string file) => _owners.TryGetValue(Merged(file), out var name) ? _packages[name]
        : throw new PackingException($"{file} belongs to no Debian package: what its licence is can't be told; reinstall the package that it came from");

    // Since /lib became a link to /usr/lib, packages write either.
    private static string Merged(string file) => file.StartsWith("/lib", StringComparison.Ordinal) ? "/usr" + file : file;

    private static DebianPackage Parse(string record)
    {
        var fields = record.Split('\n').Where(line => line.Length > 0 && line[0] != ' ').Select(line => line.Split(": ", 2)).Where(field => field.Length == 2).ToDictionary(field => field[0], field => field[1]);
        return new DebianPackage(fields["Package"], fields.GetValueOrDefault("Version", ""), fields.GetValueOrDefault("Architecture", ""), record.Trim() + "\n");
    }
}
