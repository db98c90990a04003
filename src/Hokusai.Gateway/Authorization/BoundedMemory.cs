using System.Collections.Concurrent;

namespace Hokusai.Gateway.Authorization;

/// <summary>Remembers up to so many values. In two generations: when the younger one is full, the older one is forgotten, and what is asked for moves to the younger.</summary>
internal sealed class BoundedMemory<T>(int most)
{
    private ConcurrentDictionary<string, T> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, T> _old = new(StringComparer.Ordinal);

    public int Count => _young.Count + _old.Count;

    public bool TryGet(string key, out T value)
    {
        if (_young.TryGetValue(key, out value!)) return true;
        if (!_old.TryGetValue(key, out value!)) return false;
        Set(key, value);
        return true;
    }

    public void Set(string key, T value)
    {
        var young = _young;
        if (young.Count >= most / 2)
        {
            var fresh = new ConcurrentDictionary<string, T>(StringComparer.Ordinal);
            // Whoever comes second finds it replaced and writes into the fresh one.
            if (Interlocked.CompareExchange(ref _young, fresh, young) == young) _old = young;
        }
        _young[key] = value;
    }

    public void Clear()
    {
        _young = new(StringComparer.Ordinal);
        _old = new(StringComparer.Ordinal);
    }
}
