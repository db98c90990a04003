using System.Collections.Concurrent;
using System.Text.Json;

namespace Hokusai.AwsStub.Rules;

/// <summary>AWS's own descriptions of its services, as botocore ships them: which values a field takes.</summary>
/// <param name="folder">Botocore's data folder, with a folder for each service.</param>
internal sealed class ServiceModels(string folder)
{
    private readonly ConcurrentDictionary<string, JsonElement> _shapes = new(StringComparer.Ordinal);

    /// <summary>Finds a shape.</summary>
    /// <param name="name">Service and shape, such as <c>elbv2.ProtocolEnum</c>.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public JsonElement Shape(string name)
    {
        var parts = name.Split('.');
        var shapes = _shapes.GetOrAdd(parts[0], Read);
        return shapes.TryGetProperty(parts[1], out var shape) ? shape : throw new KeyNotFoundException($"{name}: the model of {parts[0]} has no such shape");
    }

    private JsonElement Read(string service)
    {
        var own = Path.Combine(folder, service);
        if (!Directory.Exists(own)) throw new DirectoryNotFoundException($"no description of {service} in {folder}; build/prerequisites fetches them");
        // A folder for each version of the service, by date.
        var newest = Directory.GetDirectories(own).Order(StringComparer.Ordinal).Last(version => File.Exists(Path.Combine(version, "service-2.json")));
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(newest, "service-2.json")));
        return document.RootElement.GetProperty("shapes").Clone();
    }
}
