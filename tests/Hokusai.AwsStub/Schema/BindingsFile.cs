using System.Text.RegularExpressions;

namespace Hokusai.AwsStub.Schema;

/// <summary>
/// One file of the prebuilt bindings (JavaScript, generated from the provider's schema), taken apart: the schema stands in
/// the comment above each property, in how the property reads its value, and in the table from which configuration is written.
/// </summary>
internal sealed partial class BindingsFile
{
    private readonly Dictionary<string, string> _classes;
    private readonly Dictionary<string, string> _tables;

    public BindingsFile(string text)
    {
        // The source map behind the code is many times its size.
        var end = text.IndexOf("\n//# sourceMappingURL", StringComparison.Ordinal);
        if (end >= 0) text = text[..end];
        _classes = Class().Matches(text).ToDictionary(found => found.Groups["name"].Value, found => found.Groups["body"].Value, StringComparer.Ordinal);
        _tables = Table().Matches(text).ToDictionary(found => found.Groups["name"].Value, found => found.Groups["body"].Value, StringComparer.OrdinalIgnoreCase);
        Type = ResourceType().Match(text) is { Success: true } type ? type.Groups["type"].Value : null;
        ProviderVersion = Version().Match(text) is { Success: true } version ? version.Groups["version"].Value : null;
        RootClass = _classes.FirstOrDefault(found => found.Value.Contains("synthesizeHclAttributes", StringComparison.Ordinal)).Key;
    }

    /// <summary>The type that Terraform knows it by, such as <c>aws_lb</c>.</summary>
    public string? Type { get; }

    /// <summary>The version of the provider that it was made from.</summary>
    public string? ProviderVersion { get; }

    /// <summary>The class that stands for the resource, data source or provider itself.</summary>
    public string? RootClass { get; }

    /// <summary>The properties of a class, each with the code that reads it; null if the file has no such class.</summary>
    public IReadOnlyList<BoundProperty>? Properties(string className) => !_classes.TryGetValue(className, out var body) ? null :
    [
        .. Property().Matches(body).Select(found => new BoundProperty(
            found.Groups["name"].Value, found.Groups["computed"].Value == "true", found.Groups["optional"].Value == "true", found.Groups["required"].Value == "true", found.Groups["code"].Value)),
    ];

    /// <summary>The arguments of the resource itself, from the table that writes them.</summary>
    public Dictionary<string, BoundArgument> RootArguments() => Arguments(_classes[RootClass!]);

    /// <summary>The arguments of a nested block, from the table that writes them; empty for what is never written.</summary>
    public Dictionary<string, BoundArgument> BlockArguments(string block) => _tables.TryGetValue(block, out var body) ? Arguments(body) : [];

    private static Dictionary<string, BoundArgument> Arguments(string body) => Argument().Matches(body).ToDictionary(
        found => found.Groups["name"].Value,
        found => new BoundArgument(found.Groups["block"].Value == "true", found.Groups["type"].Value, found.Groups["storage"].Value),
        StringComparer.Ordinal);

    [GeneratedRegex(@"^class (?<name>\w+) extends (?<body>.*?)^\}", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Class();

    [GeneratedRegex(@"^function (?<name>\w+)ToHclTerraform\(struct\) \{(?<body>.*?)^\}", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Table();

    [GeneratedRegex(@"^    // (?<name>\w+) - computed: (?<computed>true|false), optional: (?<optional>true|false), required: (?<required>true|false)\n(?<code>.*?)(?=^    //|\z)", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Property();

    [GeneratedRegex(@"^ +(?<name>\w+): \{\n +value: [^\n]*\n +isBlock: (?<block>true|false),\n +type: ""(?<type>\w+)"",\n +storageClassType: ""(?<storage>\w+)"",\n", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Argument();

    [GeneratedRegex(@"tfResourceType = ""(?<type>\w+)""", RegexOptions.CultureInvariant)]
    private static partial Regex ResourceType();

    [GeneratedRegex(@"providerVersion: '(?<version>[^']+)'", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
