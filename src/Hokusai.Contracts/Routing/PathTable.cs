namespace Hokusai.Contracts.Routing;

/// <summary>
/// Finds what belongs to a method and a raw path. The gateway's catalogue and the tracking server's endpoints both look
/// up here, so that the one can't allow what the other reads as something else. Nothing is decoded or cleaned.
/// </summary>
/// <typeparam name="T">What belongs to a method and path.</typeparam>
public sealed class PathTable<T>
    where T : class
{
    private readonly Dictionary<string, List<(string Method, T Value)>> _fixed = new(StringComparer.Ordinal);
    private readonly List<(string[] Segments, string Method, T Value)> _templates = [];

    /// <summary>All that was added: what stands under a path as it is, then what stands under one with placeholders.</summary>
    public IEnumerable<(string Method, string Path, T Value)> Entries =>
        _fixed.SelectMany(path => path.Value.Select(entry => (entry.Method, path.Key, entry.Value))).Concat(_templates.Select(entry => (entry.Method, string.Join('/', entry.Segments), entry.Value)));

    /// <summary>Adds an entry.</summary>
    /// <param name="method">The method; GET stands for HEAD too.</param>
    /// <param name="path">The path; <c>{name}</c> stands for one segment that is not empty, <c>{*name}</c> at the end for all that follows.</param>
    /// <param name="value">What belongs to them.</param>
    public void Add(string method, string path, T value)
    {
        if (path.Contains('{', StringComparison.Ordinal)) _templates.Add((path.Split('/'), method, value));
        else if (_fixed.TryGetValue(path, out var twins)) twins.Add((method, value));
        else _fixed.Add(path, [(method, value)]);
    }

    /// <summary>Finds the entry of a request.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="path">The raw path.</param>
    /// <param name="parameters">Raw values of the placeholders.</param>
    /// <param name="allowed">If the path is known but not for this method: the methods that it is known for.</param>
    /// <returns>What was added, or null.</returns>
    public T? Find(string method, ReadOnlySpan<char> path, out IReadOnlyList<string> parameters, out string? allowed)
    {
        parameters = [];
        allowed = null;
        // MLflow's UI asks for "//model-versions/get-artifact".
        while (path.StartsWith("//")) path = path[1..];
        if (_fixed.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path, out var candidates))
        {
            foreach (var (known, value) in candidates)
            {
                if (Accepts(known, method)) return value;
            }
            allowed = string.Join(", ", candidates.Select(c => c.Method));
            return null;
        }
        return FindTemplate(method, path, out parameters, out allowed);
    }

    private T? FindTemplate(string method, ReadOnlySpan<char> path, out IReadOnlyList<string> parameters, out string? allowed)
    {
        parameters = [];
        allowed = null;
        List<string>? methods = null;
        foreach (var (segments, known, value) in _templates)
        {
            if (Match(segments, path) is not { } values) continue;
            if (Accepts(known, method))
            {
                parameters = values;
                return value;
            }
            (methods ??= []).Add(known);
        }
        if (methods is not null) allowed = string.Join(", ", methods.Distinct());
        return null;
    }

    private static bool Accepts(string known, string method) => known == method || (known == "GET" && method == "HEAD");

    private static List<string>? Match(string[] segments, ReadOnlySpan<char> path)
    {
        var values = new List<string>();
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].StartsWith("{*", StringComparison.Ordinal))
            {
                values.Add(path.ToString());
                return path.IsEmpty ? null : values;
            }
            var slash = path.IndexOf('/');
            var last = i == segments.Length - 1;
            if (last != slash < 0) return null;
            var segment = last ? path : path[..slash];
            if (segments[i].StartsWith('{'))
            {
                if (segment.IsEmpty) return null;
                values.Add(segment.ToString());
            }
            else if (!segment.SequenceEqual(segments[i]))
            {
                return null;
            }
            path = last ? [] : path[(slash + 1)..];
        }
        return values;
    }
}
