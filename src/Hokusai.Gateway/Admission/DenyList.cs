using System.Collections.Frozen;
using System.Globalization;
using Hokusai.Contracts.Keys;

namespace Hokusai.Gateway.Admission;

/// <summary>Keys that are refused whatever the auth service says: by id, by the beginning of the key, or by its SHA-256.</summary>
internal sealed class DenyList
{
    // Fewer would refuse keys that nobody meant.
    private const int LeastPrefix = 12;
    private const int LongestId = 128;

    private readonly FrozenSet<KeyFingerprint> _fingerprints;
    private readonly FrozenSet<string> _ids;
    private readonly FrozenSet<string> _prefixes;
    private readonly int[] _lengths;

    private DenyList(IEnumerable<KeyFingerprint> fingerprints, IEnumerable<string> ids, IReadOnlyCollection<string> prefixes)
    {
        _fingerprints = fingerprints.ToFrozenSet();
        _ids = ids.ToFrozenSet(StringComparer.Ordinal);
        _prefixes = prefixes.ToFrozenSet(StringComparer.Ordinal);
        _lengths = [.. prefixes.Select(p => p.Length).Distinct()];
    }

    public static DenyList Empty { get; } = new([], [], []);

    public int Count => _fingerprints.Count + _ids.Count + _prefixes.Count;

    /// <summary>Reads a list: one entry a line, empty lines and what follows a <c>#</c> apart.</summary>
    /// <param name="text">The file.</param>
    /// <param name="faults">Lines that can't be read, by number, without what stands in them.</param>
    /// <returns>The entries that can be read.</returns>
    public static DenyList Parse(string text, out IReadOnlyList<string> faults)
    {
        var (fingerprints, ids, prefixes, broken) = (new List<KeyFingerprint>(), new List<string>(), new HashSet<string>(StringComparer.Ordinal), new List<string>());
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var comment = line.IndexOf('#', StringComparison.Ordinal);
            var entry = (comment < 0 ? line : line[..comment]).Trim().TrimEnd('…');
            if (entry.Length == 0) continue;
            if (KeyFingerprint.TryParse(entry, out var fingerprint)) fingerprints.Add(fingerprint);
            else if (IsPrefix(entry) && entry.Length >= LeastPrefix) prefixes.Add(entry);
            else if (IsPrefix(entry)) broken.Add(string.Create(CultureInfo.InvariantCulture, $"line {number}: the beginning of a key needs {LeastPrefix} characters or more"));
            else if (entry.Length <= LongestId && !entry.AsSpan().ContainsAnyExceptInRange('!', '~')) ids.Add(entry);
            else broken.Add(string.Create(CultureInfo.InvariantCulture, $"line {number}: is no key id, no beginning of a key and no SHA-256 in hex"));
        }
        faults = broken;
        return new DenyList(fingerprints, ids, prefixes);
    }

    /// <summary>Whether a key itself is named.</summary>
    public bool Names(ApiKey key, KeyFingerprint fingerprint)
    {
        if (_fingerprints.Count > 0 && _fingerprints.Contains(fingerprint)) return true;
        if (_lengths.Length == 0) return false;
        var (text, prefixes) = (key.Reveal(), _prefixes.GetAlternateLookup<ReadOnlySpan<char>>());
        return Array.Exists(_lengths, length => length <= text.Length && prefixes.Contains(text.AsSpan(0, length)));
    }

    /// <summary>Whether a key is named by its id.</summary>
    public bool NamesId(string keyId) => _ids.Count > 0 && _ids.Contains(keyId);

    private static bool IsPrefix(string entry) => entry.StartsWith(ApiKey.LivePrefix, StringComparison.Ordinal) || entry.StartsWith(ApiKey.TestPrefix, StringComparison.Ordinal);
}
