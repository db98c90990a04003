using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Uses;

/// <summary>
/// Questions for validation as uses, in memory until they are written together: a gateway that reports no uses, or whose reports
/// are lost, must not make a key seem silent that it asks for. They count nothing, since one answer serves many requests.
/// </summary>
internal sealed class UseBook
{
    private readonly Lock _guard = new();
    private Dictionary<string, KeyUse> _uses = new(StringComparer.Ordinal);

    public void Note(string keyId, DateTimeOffset at, string clientIp)
    {
        lock (_guard) _uses[keyId] = new KeyUse(keyId, at, clientIp, null, 0);
    }

    /// <summary>What was noted since it was taken last.</summary>
    public IReadOnlyList<KeyUse> Take()
    {
        lock (_guard)
        {
            if (_uses.Count == 0) return [];
            var taken = _uses.Values;
            _uses = new(StringComparer.Ordinal);
            return [.. taken];
        }
    }

    /// <summary>Takes back what could not be written; what was noted meanwhile is newer.</summary>
    public void PutBack(IReadOnlyList<KeyUse> taken)
    {
        lock (_guard)
        {
            foreach (var use in taken) _uses.TryAdd(use.KeyId, use);
        }
    }
}
