using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hokusai.AwsStub.Schema;

namespace Hokusai.AwsStub.Values;

/// <summary>
/// What AWS would answer for what only it knows: ids, ARNs and names of the right form, from <c>values.json</c>. The same
/// resource gets the same ones every time, since they come from a hash of what was asked for.
/// </summary>
internal sealed partial class AwsValues
{
    /// <summary>The account that AWS's own documentation uses in examples.</summary>
    public const string Account = "111122223333";

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly JsonElement Templates = ReadTemplates();

    private readonly Dictionary<string, object?> _value;
    private readonly BlockSchema _schema;
    private readonly JsonElement _templates;
    private readonly string _type;
    private readonly string _region;
    private readonly byte[] _hash;
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    private AwsValues(string kind, string type, BlockSchema schema, Dictionary<string, object?> value, string region, int copy)
    {
        (_type, _schema, _value, _region) = (type, schema, value, region);
        _templates = Templates.GetProperty(kind).TryGetProperty(type, out var found) ? found : default;
        _hash = SHA512.HashData([.. Encoding.UTF8.GetBytes($"{type} {copy} "), .. MessagePackWriter.Write(value)]);
    }

    /// <summary>Fills in what is still unknown of a planned resource. Before it there were so many copies with the very same arguments: AWS gives each ids of its own.</summary>
    public static Dictionary<string, object?> Resource(string type, BlockSchema schema, Dictionary<string, object?> planned, string region, int copy) =>
        new AwsValues("resources", type, schema, Copy(planned), region, copy).Filled(value => value is Unknown);

    /// <summary>Answers a data source: fills in what the configuration leaves open.</summary>
    public static Dictionary<string, object?> Data(string type, BlockSchema schema, Dictionary<string, object?> configuration, string region) =>
        new AwsValues("data", type, schema, Copy(configuration), region, 0).Filled(value => value is null or Unknown);

    private Dictionary<string, object?> Filled(Func<object?, bool> isOpen)
    {
        foreach (var name in _schema.Attributes.Keys) if (isOpen(_value.GetValueOrDefault(name)) && _schema.Attributes[name].Computed) _open.Add(name);
        foreach (var name in _schema.Attributes.Keys) Resolve(name);
        foreach (var (name, block) in _schema.Blocks) _value[name] = FillBlock(_value.GetValueOrDefault(name), block);
        return _value;
    }

    private object? Resolve(string name)
    {
        if (!_open.Remove(name)) return _value.GetValueOrDefault(name);
        var type = _schema.Attributes[name].Type;
        _value[name] = null;
        _value[name] = name switch
        {
            _ when _templates.ValueKind == JsonValueKind.Object && _templates.TryGetProperty(name, out var template) => FromTemplate(template, type),
            "region" => _region,
            "tags_all" => _value.GetValueOrDefault("tags") ?? new Dictionary<string, object?>(),
            "arn" => Expand($"arn:aws:{_type["aws_".Length..].Split('_')[0]}:{{region}}:{{account}}:{_type["aws_".Length..].Replace('_', '-')}/{{hex17}}"),
            "id" => Expand($"{_type["aws_".Length..].Replace('_', '-')}-{{hex17}}"),
            _ => Default(type, name),
        };
        return _value[name];
    }

    private object? FromTemplate(JsonElement template, AttributeType type) => template.ValueKind switch
    {
        JsonValueKind.String => Expand(template.GetString()!),
        JsonValueKind.Number => template.GetInt64(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => template.EnumerateArray().Select(element => FromTemplate(element, type.Element!)).ToList(),
        _ => type.Members!.ToDictionary(member => member.Key, member => template.TryGetProperty(member.Key, out var inner) ? FromTemplate(inner, member.Value) : Default(member.Value, member.Key), StringComparer.Ordinal),
    };

    private string Expand(string template) => Placeholder().Replace(template, found =>
    {
        var name = found.Groups["name"].Value;
        var text = name switch
        {
            "region" => _value.GetValueOrDefault("region") as string ?? _region,
            "account" => Account,
            "uuid" => new Guid(_hash.AsSpan(32, 16)).ToString(),
            "digits" => (BitConverter.ToUInt32(_hash, 48) % 900_000_000 + 100_000_000).ToString(CultureInfo.InvariantCulture),
            "octet" => (_hash[52] % 250 + 1).ToString(CultureInfo.InvariantCulture),
            // What the provider puts in front of names that it makes up without being given a prefix.
            _ when name.EndsWith("_prefix", StringComparison.Ordinal) => _value.GetValueOrDefault(name) as string is { Length: > 0 } prefix ? prefix : "terraform-",
            _ when name.StartsWith("hex", StringComparison.Ordinal) => Convert.ToHexStringLower(_hash)[..Length(name, "hex")],
            _ when name.StartsWith("base", StringComparison.Ordinal) => string.Concat(_hash.Take(Length(name, "base")).Select(part => Letters[part % Letters.Length])),
            _ => Convert.ToString(Resolve(name), CultureInfo.InvariantCulture) ?? "",
        };
        return found.Groups["after"] is { Success: true } after ? text[(text.IndexOf(after.Value, StringComparison.Ordinal) + after.Value.Length)..] : found.Groups["last"].Success ? text[(text.LastIndexOf('/') + 1)..] : text;
    });

    private static int Length(string name, string kind) => int.Parse(name.AsSpan(kind.Length), CultureInfo.InvariantCulture);

    private static object? FillBlock(object? value, NestedBlockSchema nested) => value switch
    {
        List<object?> list => list.Select(element => FillBlock(element, nested)).ToList(),
        Dictionary<string, object?> map => map.ToDictionary(
            entry => entry.Key,
            entry => nested.Block.Blocks.TryGetValue(entry.Key, out var inner) ? FillBlock(entry.Value, inner) : entry.Value is Unknown ? Default(nested.Block.Attributes[entry.Key].Type, entry.Key) : entry.Value,
            StringComparer.Ordinal),
        _ => value,
    };

    // What nothing is said about: nothing, which is what AWS gives for most of what was not asked for.
    private static object? Default(AttributeType type, string name) => type.Kind switch
    {
        "string" => "",
        "number" => 0L,
        "bool" => false,
        "map" => new Dictionary<string, object?>(),
        "object" => type.Members!.ToDictionary(member => member.Key, member => Default(member.Value, name), StringComparer.Ordinal),
        _ => new List<object?>(),
    };

    private static Dictionary<string, object?> Copy(Dictionary<string, object?> value) => new(value, StringComparer.Ordinal);

    private static JsonElement ReadTemplates()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("values.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }

    [GeneratedRegex(@"\{(?<name>[a-z0-9_]+)(?:\|(?:after:(?<after>[^}]+)|(?<last>last)))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
