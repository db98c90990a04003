using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Gateway.Authorization;

/// <summary>
/// The fields of a message, found as MLflow finds them: in the query of GET and HEAD, else in the body by protobuf's JSON rules, which take
/// snake_case and camelCase. Whatever two readers could understand differently is refused instead of guessed.
/// </summary>
internal sealed class RequestFields : IDisposable
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    private readonly QueryFields _query;
    private readonly JsonDocument? _body;
    private readonly bool _inQuery;

    private RequestFields(QueryFields query, JsonDocument? body, bool inQuery) => (_query, _body, _inQuery) = (query, body, inQuery);

    /// <summary>Reads a request's fields.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="query">Its query as it came.</param>
    /// <param name="body">Its whole body.</param>
    /// <exception cref="AmbiguousRequestException">The body is no JSON object.</exception>
    public static RequestFields Read(string method, string query, ReadOnlyMemory<byte> body)
    {
        var inQuery = method is "GET" or "HEAD";
        return new RequestFields(new QueryFields(query), inQuery || body.IsEmpty ? null : Parse(body), inQuery);
    }

    /// <summary>The values of a field; empty if it is absent, null or "".</summary>
    /// <param name="name">Its name, see <see cref="Catalogue.ResourceField.Name"/>.</param>
    /// <param name="isList">Whether it is a list.</param>
    /// <exception cref="AmbiguousRequestException">It is there in two ways, or in one that can't be read.</exception>
    public List<string> Texts(string name, bool isList = false)
    {
        var found = new List<string>();
        var names = name.Split('|');
        foreach (var one in names)
        {
            if (_inQuery) found.AddRange(InQuery(one, isList));
            else found.AddRange(InBody(one, isList));
        }
        if (names.Length > 1 && found.Distinct(StringComparer.Ordinal).Count() > 1) throw new AmbiguousRequestException($"'{names[0]}' and '{names[1]}' name two different things.");
        return found;
    }

    /// <summary>The values of a key in the query, whatever the method.</summary>
    public List<string> InQuery(string name, bool isList)
    {
        var values = _query.All(name).ToList();
        if (CamelCase(name) is var camel && camel != name && _query.First(camel) is not null && _query.First(name) is not null) throw BothSpellings(name, camel);
        if (isList) return values;
        return values.Count > 1 ? throw new AmbiguousRequestException($"'{name}' stands in the query {values.Count} times.") : values.FindAll(value => value.Length > 0);
    }

    /// <summary>A whole number; null if it is absent.</summary>
    public long? Number(string name)
    {
        var text = _inQuery ? InQuery(name, false).SingleOrDefault() : Single(Root, name) is { } value ? value.ValueKind == JsonValueKind.String ? Text(name, value) : value.GetRawText() : null;
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : throw new AmbiguousRequestException($"'{name}' is no whole number.");
    }

    /// <summary>The message's other fields, as they came.</summary>
    public IEnumerable<(string Name, string Json)> Others(params string[] without) => _body is null
        ? []
        : _body.RootElement.EnumerateObject().Where(property => !without.Any(name => Name(property) == name || Name(property) == CamelCase(name))).Select(property => (property.Name, property.Value.GetRawText()));

    public void Dispose() => _body?.Dispose();

    /// <summary>The name as protobuf's JSON mapping writes it.</summary>
    public static string CamelCase(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++) text.Append(name[i] == '_' && i + 1 < name.Length ? char.ToUpperInvariant(name[++i]) : name[i]);
        return text.ToString();
    }

    private JsonElement Root => _body?.RootElement ?? default;

    private List<string> InBody(string name, bool isList)
    {
        var found = new List<string>();
        Walk(Root, name, name, isList, found);
        // The upstream reads the body; a second value in the query is there for somebody else to read.
        if (name.AsSpan().IndexOfAny('.', '[') >= 0) return found;
        foreach (var spelling in new[] { name, CamelCase(name) })
        {
            if (_query.All(spelling).Except(found, StringComparer.Ordinal).Any()) throw new AmbiguousRequestException($"'{spelling}' stands in the query, but this endpoint reads it from the body, where it is another.");
        }
        return found;
    }

    private static void Walk(JsonElement at, string whole, string path, bool isList, List<string> found)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var (step, rest) = dot < 0 ? (path, "") : (path[..dot], path[(dot + 1)..]);
        var many = step.EndsWith("[]", StringComparison.Ordinal);
        if (Single(at, many ? step[..^2] : step) is not { } value) return;
        if (rest.Length == 0)
        {
            AddTexts(whole, value, isList, found);
            return;
        }
        if (value.ValueKind != (many ? JsonValueKind.Array : JsonValueKind.Object)) throw Unreadable(whole);
        foreach (var item in many ? [.. value.EnumerateArray()] : new[] { value })
        {
            if (item.ValueKind != JsonValueKind.Object) throw Unreadable(whole);
            Walk(item, whole, rest, isList, found);
        }
    }

    private static void AddTexts(string name, JsonElement value, bool isList, List<string> found)
    {
        if (isList)
        {
            if (value.ValueKind != JsonValueKind.Array) throw Unreadable(name);
            foreach (var item in value.EnumerateArray()) found.Add(TextOrId(name, item));
        }
        else if (TextOrId(name, value) is { Length: > 0 } text)
        {
            found.Add(text);
        }
    }

    // Ids of experiments may come as numbers, which MLflow makes texts of.
    private static string TextOrId(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(name, value),
        JsonValueKind.Number when value.GetRawText() is var number && number.All(char.IsAsciiDigit) => number,
        _ => throw Unreadable(name),
    };

    /// <summary>The one property with this name in either spelling; null if there is none or it is null.</summary>
    private static JsonElement? Single(JsonElement at, string name)
    {
        if (at.ValueKind != JsonValueKind.Object) return null;
        var camel = CamelCase(name);
        JsonElement? found = null;
        string? spelling = null;
        foreach (var property in at.EnumerateObject())
        {
            var written = Name(property);
            if (written != name && written != camel) continue;
            if (spelling == written) throw new AmbiguousRequestException($"'{name}' stands in the body more than once.");
            if (spelling is not null) throw BothSpellings(name, camel);
            (found, spelling) = (property.Value, written);
        }
        return found is { ValueKind: JsonValueKind.Null } ? null : found;
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var document = JsonDocument.Parse(body, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.String)
            {
                // Old clients encode twice: the body is a JSON text that holds JSON.
                var inner = Text("the body", document.RootElement);
                document.Dispose();
                document = JsonDocument.Parse(inner, Strict);
            }
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // The same as JSON that is no object.
        }
        throw new AmbiguousRequestException("The body is no JSON object, so what it touches can't be told.");
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw new AmbiguousRequestException("The name of a field in the body is not valid Unicode text.");
        }
    }

    private static string Text(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new AmbiguousRequestException($"'{name}' is not valid Unicode text.");
        }
    }

    private static AmbiguousRequestException BothSpellings(string name, string camel) => new($"'{name}' and '{camel}' are two spellings of one field; send one.");

    private static AmbiguousRequestException Unreadable(string name) => new($"'{name}' can't be read: it is of another type than MLflow's.");
}
