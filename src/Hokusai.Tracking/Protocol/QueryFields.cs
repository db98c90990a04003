using System.Net;

namespace Hokusai.Tracking.Protocol;

/// <summary>Query parameters, each key as often as it was sent.</summary>
internal sealed class QueryFields
{
    private readonly List<(string Key, string Value)> _fields = [];

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

    public string? First(string key)
    {
        foreach (var field in _fields)
        {
            if (field.Key == key) return field.Value;
        }
        return null;
    }

    public IEnumerable<string> All(string key) => _fields.Where(f => f.Key == key).Select(f => f.Value);

    private static string Decode(ReadOnlySpan<char> text) => text.IndexOfAny('%', '+') < 0 ? text.ToString() : WebUtility.UrlDecode(text.ToString());
}
