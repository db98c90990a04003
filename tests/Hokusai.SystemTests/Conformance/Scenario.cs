using System.Text.Json;

namespace Hokusai.SystemTests.Conformance;

/// <summary>Requests that are sent in order to one fresh server, with what a good server answers.</summary>
internal sealed record Scenario(string Name, string About, IReadOnlyList<ScenarioStep> Steps)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Conformance", "Scenarios");

    /// <summary>Names of all the scenarios that lie beside the tests.</summary>
    public static IEnumerable<string> AllNames => Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    /// <summary>Reads a scenario by the name of its file.</summary>
    public static Scenario Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(Folder, name + ".json"));
        return JsonSerializer.Deserialize<Scenario>(file, Format) ?? throw new InvalidDataException($"{name}.json holds nothing");
    }
}

/// <summary>One request. At most one of <see cref="Json"/>, <see cref="Raw"/> and <see cref="Bytes"/> is its body.</summary>
internal sealed record ScenarioStep
{
    public string? Title { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    /// <summary>Parameters: a text, or a list of texts for a parameter that is repeated.</summary>
    public IReadOnlyDictionary<string, JsonElement> Query { get; init; } = new Dictionary<string, JsonElement>();

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public JsonElement? Json { get; init; }

    public string? Raw { get; init; }

    public byte[]? Bytes { get; init; }

    /// <summary>Placeholder to bind, and the dotted path in the answer where its text stands.</summary>
    public IReadOnlyDictionary<string, string> Save { get; init; } = new Dictionary<string, string>();

    public required ExpectedAnswer Expect { get; init; }
}

/// <summary>What a good server answers. Without a body here, only the status counts.</summary>
internal sealed record ExpectedAnswer
{
    public required int Status { get; init; }

    public JsonElement? Json { get; init; }

    public string? Text { get; init; }

    public byte[]? Bytes { get; init; }
}
