using System.Globalization;
using System.Text;
using Hokusai.AwsStub.Rules;
using Hokusai.AwsStub.Schema;
using Hokusai.AwsStub.Values;

namespace Hokusai.AwsStub.Protocol;

/// <summary>One run of a Terraform command: its region and tags, and what it has met, as far as AWS would refuse a second of the kind.</summary>
internal sealed class Session(RuleBook book)
{
    private const string DefaultRegion = "us-east-1";

    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _copies = new(StringComparer.Ordinal);
    private Dictionary<string, object?> _tags = [];

    public string Region { get; private set; } = DefaultRegion;

    public void Configure(Dictionary<string, object?> provider)
    {
        Region = provider.GetValueOrDefault("region") as string ?? DefaultRegion;
        if (provider.GetValueOrDefault("default_tags") is List<object?> blocks) _tags = blocks.OfType<Dictionary<string, object?>>().FirstOrDefault()?.GetValueOrDefault("tags") as Dictionary<string, object?> ?? [];
    }

    /// <summary>A resource's tags with those that the provider block gives to all.</summary>
    public void AddTags(BlockSchema schema, Dictionary<string, object?> planned)
    {
        if (!schema.Attributes.ContainsKey("tags_all")) return;
        if (planned.GetValueOrDefault("tags") is Unknown || Unknown.In(_tags))
        {
            planned["tags_all"] = Unknown.Value;
            return;
        }
        var all = new Dictionary<string, object?>(_tags, StringComparer.Ordinal);
        foreach (var (name, value) in planned.GetValueOrDefault("tags") as Dictionary<string, object?> ?? []) all[name] = value;
        planned["tags_all"] = all;
    }

    /// <summary>Takes note of a resource that exists already.</summary>
    public void Remember(string type, Dictionary<string, object?> value)
    {
        if (Key(type, value) is { } key) lock (_lock) _known.Add(key);
    }

    /// <summary>Why a new resource can't be: there is one like it.</summary>
    public Finding? Clash(string type, Dictionary<string, object?> value)
    {
        if (Key(type, value) is not { } key) return null;
        lock (_lock)
        {
            if (_known.Add(key)) return null;
        }
        var clashing = string.Join(", ", book.Unique[type].Where(name => !name.Contains('.', StringComparison.Ordinal)).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} {value.GetValueOrDefault(name)}")));
        return new Finding($"Two of {type}", $"there is one with {clashing} already, and AWS allows no second", [book.Unique[type][^1].Split('.')[0]]);
    }

    /// <summary>How many with the very same arguments were asked for before.</summary>
    public int CountCopy(string type, Dictionary<string, object?> planned)
    {
        var key = type + Convert.ToBase64String(MessagePackWriter.Write(planned));
        lock (_lock)
        {
            var count = _copies.GetValueOrDefault(key);
            _copies[key] = count + 1;
            return count;
        }
    }

    private string? Key(string type, Dictionary<string, object?> value)
    {
        if (!book.Unique.TryGetValue(type, out var names)) return null;
        var key = new StringBuilder(type);
        foreach (var name in names) key.Append('|').Append(Convert.ToString(Find(value, name), CultureInfo.InvariantCulture));
        return key.ToString();
    }

    private static object? Find(object? value, string name)
    {
        foreach (var step in name.Split('.')) value = ((value is List<object?> list ? list.FirstOrDefault() : value) as Dictionary<string, object?>)?.GetValueOrDefault(step);
        return value;
    }
}
