using System.Collections.Concurrent;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Scan;

/// <summary>What a scan found, and what it could not look at. Filled from several threads.</summary>
internal sealed class ScanReport(Baseline baseline)
{
    private readonly ConcurrentBag<Finding> _findings = [];
    private readonly ConcurrentBag<(string Place, string Reason)> _unread = [];
    private readonly ConcurrentBag<(string Place, string Reason)> _leftOut = [];
    private long _files;
    private long _bytes;

    /// <summary>What is not ignored, by place and line.</summary>
    public IReadOnlyList<Finding> Findings => [.. _findings.Where(found => !baseline.Ignores(found)).Distinct().OrderBy(found => found.Place, StringComparer.Ordinal).ThenBy(found => found.Line)];

    public int Ignored => _findings.Distinct().Count(baseline.Ignores);

    /// <summary>What could not be read, though it should be.</summary>
    public IReadOnlyList<(string Place, string Reason)> Unread => [.. _unread.Order()];

    /// <summary>What was not looked at on purpose.</summary>
    public IReadOnlyList<(string Place, string Reason)> LeftOut => [.. _leftOut.Order()];

    public long Files => _files;

    public long Bytes => _bytes;

    public void Add(Finding found) => _findings.Add(found);

    // A name may hold a key too.
    public void AddUnread(string place, string reason) => _unread.Add((KeyRedactor.Redact(place), KeyRedactor.Redact(reason)));

    public void AddLeftOut(string place, string reason) => _leftOut.Add((KeyRedactor.Redact(place), reason));

    public void Read(long bytes)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytes, bytes);
    }
}
