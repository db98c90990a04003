namespace Hokusai.AwsStub.Schema;

/// <summary>The prebuilt bindings as <c>build/prerequisites</c> lays them down: a folder for each type.</summary>
internal static class SchemaFolder
{
    /// <summary>Reads the schema of everything in a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder is not there.</exception>
    /// <exception cref="FormatException">A file is not understood; the message names it.</exception>
    public static ProviderSchema Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"no bindings of the AWS provider in {folder}; build/prerequisites fetches them");
        var resources = new Dictionary<string, BlockSchema>(StringComparer.Ordinal);
        var dataSources = new Dictionary<string, BlockSchema>(StringComparer.Ordinal);
        BlockSchema? provider = null;
        var version = "";
        foreach (var path in Directory.GetFiles(folder, "index.js", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var origin = Path.GetRelativePath(folder, path);
            var name = Path.GetDirectoryName(origin)!;
            var file = new BindingsFile(File.ReadAllText(path));
            version = file.ProviderVersion ?? version;
            if (name == "provider") provider = SchemaReader.Provider(file, origin);
            else if (file.Type is null) throw new FormatException($"{origin}: it does not say which type it binds");
            else (name.StartsWith("data-aws-", StringComparison.Ordinal) ? dataSources : resources)[file.Type] = SchemaReader.Resource(file, origin);
        }
        return new ProviderSchema(version, provider ?? throw new FormatException($"{folder}: no provider/index.js"), resources, dataSources);
    }
}
