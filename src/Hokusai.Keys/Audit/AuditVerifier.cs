namespace Hokusai.Keys.Audit;

/// <summary>What a verification found.</summary>
/// <param name="Intact">Whether nothing is wrong.</param>
/// <param name="First">Number of the first entry that was read; 0 if there was none.</param>
/// <param name="Last">Number of the last entry that was read.</param>
/// <param name="Head">The last entry as an anchor for later; null if the chain is broken.</param>
/// <param name="BrokenAt">Number of the first entry that is wrong, missing or out of place.</param>
/// <param name="Fault">changed, missing, reordered, truncated or rewritten.</param>
/// <param name="Reason">The fault in words.</param>
public sealed record AuditReport(bool Intact, long First, long Last, string? Head, long? BrokenAt = null, string? Fault = null, string? Reason = null);

/// <summary>Recomputes the chain, entry by entry, and names the first that is broken.</summary>
/// <param name="anchors">Heads that were kept elsewhere.</param>
/// <param name="from">Number of the first entry that must be there; null where an export may begin anywhere.</param>
public sealed class AuditVerifier(IReadOnlyList<AuditHead> anchors, long? from = 1)
{
    // How far around its place a moved entry's true number is looked for.
    private const int Neighbourhood = 1000;

    private AuditEntry? _first;
    private AuditEntry? _last;
    private (long At, string Fault, string Reason)? _broken;

    /// <summary>Takes the next entry, in the order in which they are stored.</summary>
    /// <param name="entry">The entry.</param>
    public void Add(AuditEntry entry)
    {
        if (_broken is { } broken)
        {
            // What seemed to be missing comes later: nothing is lost, the order is.
            if (broken.Fault == "missing" && entry.Seq == broken.At) Break(broken.At, "reordered", $"entry {entry.Seq} stands behind entries that came after it");
            return;
        }
        var expected = _last is { } last ? last.Seq + 1 : from ?? entry.Seq;
        if (entry.Seq < expected) Break(entry.Seq, "reordered", $"entry {entry.Seq} stands where entry {expected} belongs");
        else if (AuditChain.HashOf(entry) != entry.Hash) BreakByContent(entry, expected);
        else if (entry.Seq > expected) BreakByGap(entry, expected);
        else if (_last is not null && entry.Previous != _last.Hash) Break(_last.Seq, "changed", $"entry {_last.Seq} is not the one that entry {entry.Seq} was chained to: it was replaced, and its hash with it");
        else if (entry.Seq == 1 && entry.Previous != AuditChain.Origin) Break(1, "missing", "entry 1 names an entry before it: the log's beginning was cut off");
        else if (anchors.FirstOrDefault(anchor => anchor.Seq == entry.Seq && anchor.Hash != entry.Hash) is not null) Break(entry.Seq, "rewritten", $"entry {entry.Seq} has another hash than the anchor: it, or entries before it, were rewritten with all hashes after them");
        _first ??= entry;
        _last = entry;
    }

    /// <summary>Ends the verification.</summary>
    /// <param name="head">The head that stands beside the entries.</param>
    public AuditReport Finish(AuditHead? head)
    {
        var last = _last?.Seq ?? 0;
        if (_broken is null) CheckEnd(head, last);
        return _broken is { } broken
            ? new AuditReport(false, _first?.Seq ?? 0, last, null, broken.At, broken.Fault, broken.Reason)
            : new AuditReport(true, _first?.Seq ?? 0, last, new AuditHead(last, _last?.Hash ?? AuditChain.Origin).ToString());
    }

    private void CheckEnd(AuditHead? head, long last)
    {
        // An export that holds no entry may have been asked for those behind the head.
        var empty = _last is null && from is null;
        if (anchors.Where(anchor => anchor.Seq > last).MaxBy(anchor => anchor.Seq) is { } anchor) Break(last + 1, "truncated", $"the log ends at entry {last}, the anchor knows entry {anchor.Seq}");
        else if (_first is { } first && anchors.FirstOrDefault(a => a.Seq == first.Seq - 1 && a.Hash != first.Previous) is { } before) Break(before.Seq, "rewritten", $"entry {first.Seq} follows another entry {before.Seq} than the anchor's");
        else if (anchors.FirstOrDefault(a => a.Seq > 0 && a.Seq < (_first?.Seq ?? 1) - 1) is { } outside) Break(outside.Seq, "missing", $"the anchor's entry {outside.Seq} is not among those given, which begin at {_first!.Seq}");
        else if (head is null) Break(last + 1, "truncated", $"the log's head is missing, so entries after {last} may be too");
        else if (head.Seq > last && !empty) Break(last + 1, "truncated", $"the log ends at entry {last}, its head says {head.Seq}");
        else if (!empty && (head.Seq < last || head.Hash != (_last?.Hash ?? AuditChain.Origin))) Break(last, "changed", $"the log's head is not entry {last}: the head or that entry was changed");
    }

    private void BreakByGap(AuditEntry entry, long expected)
    {
        var end = entry.Seq - 1;
        Break(expected, "missing", expected == end ? $"entry {expected} is missing" : $"entries {expected} to {end} are missing");
    }

    // An entry whose number alone was changed holds together under its old number: it was moved, not edited.
    private void BreakByContent(AuditEntry entry, long expected)
    {
        for (var seq = Math.Max(1, expected - Neighbourhood); seq <= expected + Neighbourhood; seq++)
        {
            if (seq == entry.Seq || AuditChain.HashOf(entry with { Seq = seq }) != entry.Hash) continue;
            Break(expected, "reordered", $"what stands as entry {entry.Seq} was written as entry {seq}");
            return;
        }
        Break(entry.Seq, "changed", $"entry {entry.Seq} does not match its hash: it was changed");
    }

    private void Break(long at, string fault, string reason) => _broken = (at, fault, reason);
}
