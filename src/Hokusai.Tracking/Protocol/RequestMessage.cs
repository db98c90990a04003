using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tracking.Protocol;

/// <summary>
/// The fields of a request, read as protobuf's JSON mapping reads them: numbers may be texts, names snake_case or
/// camelCase, null means absent, unknown fields are ignored. GET requests bring them as query parameters.
/// </summary>
internal sealed class RequestMessage
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonElement _json;
    private readonly QueryFields? _query;
    private readonly string _path;

    public RequestMessage(JsonElement json, string path = "")
    {
        _json = json;
        _path = path;
    }

    public RequestMessage(QueryFields query)
    {
        _query = query;
        _path = "";
    }

    /// <summary>A text; null if absent. Ids of experiments may come as numbers.</summary>
    public string? Text(string name)
    {
        if (_query is not null) return _query.First(name);
        if (!Find(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.String ? Read(name, value)
            : value.ValueKind == JsonValueKind.Number && name == "experiment_id" ? value.GetRawText()
            : throw Wrong(name, value);
    }

    /// <summary>A text that must be there and not be empty.</summary>
    public string RequiredText(string name) => Text(name) is { Length: > 0 } text ? text : throw ApiException.Missing(_path + name);

    public long? Int64(string name)
    {
        if (_query is not null)
        {
            if (_query.First(name) is not { Length: > 0 } text) return null;
            return long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw ApiException.WrongValue(name, $"\"{text}\"", "str");
        }
        if (!Find(name, out var value)) return null;
        return ReadInt64(name, value) ?? throw Wrong(name, value);
    }

    public long RequiredInt64(string name) => Int64(name) ?? throw ApiException.Missing(_path + name);

    /// <summary>A floating-point number; infinities and NaN come as texts.</summary>
    public double RequiredNumber(string name)
    {
        if (_query is not null || !Find(name, out var value)) throw ApiException.Missing(_path + name);
        if (value.ValueKind == JsonValueKind.Number) return value.GetDouble();
        if (value.ValueKind == JsonValueKind.String)
        {
            var text = Read(name, value);
            if (text == "NaN") return double.NaN;
            if (text == "Infinity") return double.PositiveInfinity;
            if (text == "-Infinity") return double.NegativeInfinity;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return number;
        }
        throw Wrong(name, value);
    }

    public bool? Bool(string name)
    {
        if (_query is not null)
        {
            if (_query.First(name) is not { Length: > 0 } text) return null;
            return bool.TryParse(text, out var flag) ? flag : throw ApiException.Invalid($"Invalid boolean value: {text}, must be 'true' or 'false'.");
        }
        if (!Find(name, out var value)) return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value);
    }

    /// <summary>One of an enum's names, given as name or number. A name that does not exist counts as absent, as in MLflow.</summary>
    public string? Enum(string name, IReadOnlyList<(int Number, string Name)> values)
    {
        string? text;
        if (_query is not null) text = _query.First(name);
        else if (!Find(name, out var value)) return null;
        else text = value.ValueKind is JsonValueKind.String ? Read(name, value) : value.ValueKind is JsonValueKind.Number ? value.GetRawText() : throw Wrong(name, value);
        foreach (var (number, known) in values)
        {
            if (text == known || text == number.ToString(CultureInfo.InvariantCulture)) return known;
        }
        return null;
    }

    /// <summary>A list of texts; empty if absent.</summary>
    public List<string> Texts(string name)
    {
        if (_query is not null) return [.. _query.All(name)];
        if (!Find(name, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, value);
        var texts = new List<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            texts.Add(item.ValueKind == JsonValueKind.String ? Read(name, item)
                : item.ValueKind == JsonValueKind.Number && name == "experiment_ids" ? item.GetRawText()
                : throw Wrong(name, value));
        }
        return texts;
    }

    /// <summary>A list of objects; empty if absent. Faults in them name their place: <c>metrics[0].timestamp</c>.</summary>
    public List<RequestMessage> Messages(string name)
    {
        if (_query is not null || !Find(name, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, value);
        var messages = new List<RequestMessage>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw Wrong(name, value);
            messages.Add(new RequestMessage(item, $"{_path}{name}[{messages.Count}]."));
        }
        return messages;
    }

    /// <summary>An object; null if absent.</summary>
    public RequestMessage? Message(string name)
    {
        if (_query is not null || !Find(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.Object ? new RequestMessage(value, $"{_path}{name}.") : throw Wrong(name, value);
    }

    /// <summary>Whether the field is there at all.</summary>
    public bool Has(string name) => _query is not null ? _query.First(name) is not null : Find(name, out _);

    /// <summary>The id of a run: <c>run_id</c>, or <c>run_uuid</c> as old clients call it.</summary>
    public string RequiredRunId() => Text("run_id") is { Length: > 0 } id ? id : Text("run_uuid") is { Length: > 0 } old ? old : throw ApiException.Missing(_path + "run_id");

    public List<KeyValue> Pairs(string name) => [.. Messages(name).Select(m => new KeyValue(m.RequiredText("key"), m.Text("value") ?? ""))];

    private long? ReadInt64(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt64(out var number)) return number;
            var real = value.GetDouble();
            return Math.Truncate(real) == real && Math.Abs(real) < 9e18 ? (long)real : null;
        }
        return value.ValueKind == JsonValueKind.String && long.TryParse(Read(name, value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
    }

    // Half of a surrogate pair or bytes that are no UTF-8: JSON's grammar allows the one, its reader leaves the other to us.
    private string Read(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid($"Invalid value for parameter '{_path}{name}' supplied: it is not valid Unicode text");
        }
    }

    private bool Find(string name, out JsonElement value)
    {
        value = default;
        if (_json.ValueKind != JsonValueKind.Object) return false;
        try
        {
            if (!_json.TryGetProperty(name, out value) && !(name.Contains('_', StringComparison.Ordinal) && _json.TryGetProperty(CamelCase(name), out value))) return false;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid("Invalid request body: the name of a field is not valid Unicode text");
        }
        return value.ValueKind != JsonValueKind.Null;
    }

    private static string CamelCase(string name)
    {
        Span<char> text = stackalloc char[name.Length];
        var length = 0;
        for (var i = 0; i < name.Length; i++) text[length++] = name[i] == '_' && i + 1 < name.Length ? char.ToUpperInvariant(name[++i]) : name[i];
        return new string(text[..length]);
    }

    private ApiException Wrong(string name, JsonElement value)
    {
        try
        {
            return ApiException.WrongValue(_path + name, JsonSerializer.Serialize(value, Compact), PythonType(value));
        }
        catch (JsonException)
        {
            return ApiException.Invalid($"Invalid value for parameter '{_path}{name}' supplied: it is not valid Unicode text");
        }
    }

    private static string PythonType(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "str",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "int" : "float",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "list",
        JsonValueKind.Object => "dict",
        _ => "NoneType",
    };
}
