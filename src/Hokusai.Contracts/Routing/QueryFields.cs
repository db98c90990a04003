using System.Net;

namespace Hokusai.Contracts.Routing;

/// <summary>
/// Query parameters, each key as often as it was sent. The gateway decides by what it reads here and the tracking server acts on it:
/// two readers would be a way around the decision.
/// </summary>
public sealed class QueryFields
{
    private readonly List<(string Key, string Value)> _fields = [];

    /// <summary>Reads a query.</summary>
    /// <param name="query">With or without its question mark.</param>
    public QueryFields(ReadOnlySpan<char> query)
    {
        if (query.StartsWith('?')) query = query[1..];
        foreach (var range in query.Split('&'))
        {
            var field = query[range];
            if (field.IsEmpty) continue;
            var equals = field.IndexOf('=');
            var key = equals < 0 ? field : field[..equals];
            var value = equals < 0 ? [] : field[(equals + 1)..];
            _fields.Add((Decode(key), Decode(value)));
        }
    }

    /// <summary>The first value of a key; null if it was not sent.</summary>
    /// <param name="key">The key, decoded.</param>
    public string? First(string key)
    {
        foreach (var field in _fields)
        {
            if (field.Key == key) return field.Value;
        }
        return null;
    }

    /// <summary>All values of a key, in order.</summary>
    /// <param name="key">The key, decoded.</param>
    public IEnumerable<string> All(string key) => _fields.Where(f => f.Key == key).Select(f => f.Value);

    private static string Decode(ReadOnlySpan<char> text) => text.IndexOfAny('%', '+') < 0 ? text.ToString() : WebUtility.UrlDecode(text.ToString());
}
