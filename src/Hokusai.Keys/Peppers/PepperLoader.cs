namespace Hokusai.Keys.Peppers;

/// <summary>Reads all peppers at the start.</summary>
internal static class PepperLoader
{
    /// <exception cref="InvalidDataException">One is missing or damaged.</exception>
    /// <exception cref="IOException">A file or AWS can't be read.</exception>
    public static async Task<KeyHasher> LoadAsync(KeysOptions options, Func<string, string?> variable, TimeProvider time)
    {
        var peppers = new List<Pepper>();
        foreach (var source in PepperSource.Of(options, variable)) peppers.Add(await LoadAsync(source, options, variable, time));
        return new KeyHasher(peppers);
    }

    private static async Task<Pepper> LoadAsync(PepperSource source, KeysOptions options, Func<string, string?> variable, TimeProvider time)
    {
        switch (source.Kind)
        {
            case PepperKind.File:
                // Only where there is but one: a new secret in place of a lost old one would hide the loss.
                return PepperFile.Load(source.Id, source.Name, create: options.Peppers.Count == 0);
            case PepperKind.Environment:
                var text = variable(source.Name);
                if (string.IsNullOrWhiteSpace(text)) throw new InvalidDataException($"the environment variable {source.Name}, which should hold the pepper '{source.Id}', is not set");
                return Pepper.Parse(source.Id, text, $"the environment variable {source.Name}, the pepper '{source.Id}',");
            default:
                return Pepper.Parse(source.Id, await SecretsManager.ReadAsync(source, options, time), $"the secret {source.Name} in AWS Secrets Manager, the pepper '{source.Id}',");
        }
    }
}
