namespace Hokusai.AwsStub;

/// <summary>What the stub knows AWS by. None of it is part of this repository: <c>build/prerequisites</c> fetches it.</summary>
/// <param name="Bindings">Prebuilt bindings of the AWS provider: its schema.</param>
/// <param name="Models">Descriptions of AWS's services, from botocore: what values fields take.</param>
internal sealed record StubData(string Bindings, string Models)
{
    /// <summary>Where <c>build/prerequisites</c> puts it.</summary>
    /// <exception cref="DirectoryNotFoundException">This program does not lie in a checkout, or nothing was fetched.</exception>
    public static StubData Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Hokusai.slnx"))) continue;
            var fetched = Path.Combine(folder.FullName, "artifacts", "aws");
            var data = new StubData(Path.Combine(fetched, "provider"), Path.Combine(fetched, "models"));
            return Directory.Exists(data.Bindings) && Directory.Exists(data.Models) ? data : throw new DirectoryNotFoundException($"{fetched} lacks the provider's bindings or the services' descriptions: run build/prerequisites, which fetches them or says what is missing");
        }
        throw new DirectoryNotFoundException($"no Hokusai.slnx above {AppContext.BaseDirectory}: the stub reads what build/prerequisites fetched into its checkout");
    }
}
