using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Shield;

/// <summary>The store of a gateway that is alone. Bounded in count and bytes; what is old goes by the clock.</summary>
internal sealed class MemoryShieldStore(ShieldOptions options, TimeProvider time, ILogger logger) : IShieldStore
{
    // What nobody asks about any more is looked for this often at most.
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<Fingerprint, ShieldSlot> _slots = [];
    private readonly LinkedList<ShieldEntry> _owed = [];
    private DateTimeOffset _swept = time.GetUtcNow();
    private long _born;

    public TimeSpan? PollEvery => null;

    /// <summary>Creates in flight and kept outcomes.</summary>
    public int Count { get; private set; }

    /// <summary>What the kept outcomes take.</summary>
    public long Bytes { get; private set; }

    public ValueTask<EntryAnswer> EnterAsync(Fingerprint fingerprint, string id, bool mayHold, TaskCompletionSource changed)
    {
        lock (_lock)
        {
            SweepNowAndThen();
            if (_slots.TryGetValue(fingerprint, out var slot))
            {
                foreach (var entry in slot.Entries.ToArray()) Age(slot, entry);
                if (slot.OwedTo(id) is { } owed) return new(Deliver(slot, owed, id));
                if (slot.Has(EntryState.Owed) || slot.Has(EntryState.Orphaned)) return new(HoldBack(fingerprint, id, EntryVerdict.Wait, changed));
                if (mayHold && slot.HasEarlierThan(id)) return new(HoldBack(fingerprint, id, EntryVerdict.Hold, changed));
            }
            if (Count < options.MostEntries || slot?.Find(id) is not null) Upsert(fingerprint, id, EntryState.Flying, null);
            return new(new EntryAnswer(EntryVerdict.Send));
        }
    }

    public ValueTask PutAsync(Fingerprint fingerprint, string id, EntryState state, ShieldedOutcome? outcome = null)
    {
        lock (_lock)
        {
            Upsert(fingerprint, id, state, outcome);
            _slots[fingerprint].Tell();
            EvictBeyondLimits();
        }
        return default;
    }

    public ValueTask RemoveAsync(Fingerprint fingerprint, string id)
    {
        lock (_lock)
        {
            if (_slots.TryGetValue(fingerprint, out var slot) && slot.Find(id) is { } entry) Drop(slot, entry);
        }
        return default;
    }

    /// <summary>All that is known; what has an outcome is forgotten here, for whoever takes it keeps it from now on.</summary>
    public IReadOnlyList<ShieldEntry> HandOver()
    {
        lock (_lock)
        {
            Sweep();
            var all = _slots.Values.SelectMany(slot => slot.Entries).ToList();
            foreach (var entry in all.Where(e => e.Outcome is not null)) Drop(_slots[entry.Fingerprint], entry);
            return all;
        }
    }

    private EntryAnswer Deliver(ShieldSlot slot, ShieldEntry entry, string id)
    {
        Move(entry, EntryState.Delivering, options.LongestDelivery);
        if (slot.Find(id) is { State: EntryState.Held } held) Drop(slot, held);
        slot.Tell();
        return new EntryAnswer(EntryVerdict.Replay, entry.Id, entry.Outcome);
    }

    private EntryAnswer HoldBack(Fingerprint fingerprint, string id, EntryVerdict verdict, TaskCompletionSource changed)
    {
        if (Count < options.MostEntries) Upsert(fingerprint, id, EntryState.Held, null);
        return _slots[fingerprint].Wait(verdict, changed);
    }

    private void Upsert(Fingerprint fingerprint, string id, EntryState state, ShieldedOutcome? outcome)
    {
        if (!_slots.TryGetValue(fingerprint, out var slot)) _slots[fingerprint] = slot = new ShieldSlot();
        var entry = slot.Find(id);
        if (entry is null)
        {
            slot.Entries.Add(entry = new ShieldEntry(fingerprint, id, _born++));
            Count++;
        }
        Bytes += (outcome?.Size ?? 0) - (entry.Outcome?.Size ?? 0);
        entry.Outcome = outcome;
        Move(entry, state, ShieldEntry.Lifetime(state, options));
    }

    // The one place where a state changes: what is owed, and only that, stands in the list by age.
    private void Move(ShieldEntry entry, EntryState state, TimeSpan lifetime)
    {
        if (entry.Place is { } place) _owed.Remove(place);
        entry.Place = state == EntryState.Owed ? _owed.AddLast(entry) : null;
        entry.State = state;
        entry.Until = time.GetUtcNow() + lifetime;
    }

    private void Drop(ShieldSlot slot, ShieldEntry entry)
    {
        if (entry.Place is { } place) _owed.Remove(place);
        Bytes -= entry.Outcome?.Size ?? 0;
        Count--;
        slot.Entries.Remove(entry);
        slot.Tell();
        if (slot.Entries.Count == 0) _slots.Remove(entry.Fingerprint);
    }

    // A delivery that was never confirmed did not happen, as far as anybody can know.
    private void Age(ShieldSlot slot, ShieldEntry entry)
    {
        if (entry.Until > time.GetUtcNow()) return;
        if (entry.State == EntryState.Delivering) Move(entry, EntryState.Owed, options.Window);
        else Drop(slot, entry);
    }

    private void EvictBeyondLimits()
    {
        while ((Bytes > options.MostBytes || Count > options.MostEntries) && _owed.First is { } oldest)
        {
            Log.OutcomeEvicted(logger, oldest.Value.Id);
            Drop(_slots[oldest.Value.Fingerprint], oldest.Value);
        }
    }

    private void SweepNowAndThen()
    {
        if (time.GetUtcNow() - _swept >= SweepEvery) Sweep();
    }

    private void Sweep()
    {
        _swept = time.GetUtcNow();
        foreach (var slot in _slots.Values.ToArray())
        {
            foreach (var entry in slot.Entries.ToArray()) Age(slot, entry);
        }
    }
}
