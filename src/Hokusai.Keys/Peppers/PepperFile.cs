namespace Hokusai.Keys.Peppers;

/// <summary>A pepper in a file that only its owner can read.</summary>
internal static class PepperFile
{
    public static Pepper Load(string id, string file, bool create)
    {
        var path = Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            if (!create) throw new InvalidDataException($"the pepper file {path}, the pepper '{id}', is not there; restore it from your backup, or make a new one: openssl rand -base64 {Pepper.Length}");
            Create(path);
        }
        return Pepper.Parse(id, File.ReadAllText(path), $"the pepper file {path}");
    }

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.WriteLine(Pepper.Generate());
    }
}
