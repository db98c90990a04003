namespace Hokusai.Gateway.Shield;

/// <summary>One create in memory. Its store guards it.</summary>
internal sealed class ShieldEntry(Fingerprint fingerprint, string id, long born)
{
    public Fingerprint Fingerprint => fingerprint;

    public string Id => id;

    /// <summary>Grows from entry to entry.</summary>
    public long Born => born;

    public EntryState State { get; set; }

    /// <summary>When the state ends by itself.</summary>
    public DateTimeOffset Until { get; set; }

    public ShieldedOutcome? Outcome { get; set; }

    /// <summary>Where it stands among the owed ones.</summary>
    public LinkedListNode<ShieldEntry>? Place { get; set; }

    /// <summary>How long a state lasts at most.</summary>
    public static TimeSpan Lifetime(EntryState state, ShieldOptions options) => state switch
    {
        EntryState.Owed => options.Window,
        EntryState.Delivering => options.LongestDelivery,
        _ => options.LongestFlight,
    };
}

/// <summary>All creates of one fingerprint in memory, and who waits for a change among them.</summary>
internal sealed class ShieldSlot
{
    private List<TaskCompletionSource>? _waiting;

    public List<ShieldEntry> Entries { get; } = [];

    public ShieldEntry? Find(string id) => Entries.Find(entry => entry.Id == id);

    public bool Has(EntryState state) => Entries.Exists(entry => entry.State == state);

    /// <summary>The oldest owed outcome, unless those who have waited longer take all of them.</summary>
    public ShieldEntry? OwedTo(string id)
    {
        var born = BornOf(id);
        var elders = Entries.Count(entry => entry.State == EntryState.Held && entry.Born < born);
        return Entries.Count(entry => entry.State == EntryState.Owed) > elders ? Entries.Where(entry => entry.State == EntryState.Owed).MinBy(entry => entry.Born) : null;
    }

    /// <summary>Whether one that has its client came before this one, which is the newest if it is not here.</summary>
    public bool HasEarlierThan(string id)
    {
        var born = BornOf(id);
        return Entries.Exists(entry => entry.Born < born && entry.State != EntryState.Owed);
    }

    public EntryAnswer Wait(EntryVerdict verdict, TaskCompletionSource changed)
    {
        // Those whose time was over have completed themselves.
        _waiting?.RemoveAll(waiting => waiting.Task.IsCompleted);
        (_waiting ??= []).Add(changed);
        return new EntryAnswer(verdict);
    }

    /// <summary>Tells those who wait. They run later, not under the store's lock: their sources are made for that.</summary>
    public void Tell()
    {
        if (_waiting is not { } waiting) return;
        _waiting = null;
        foreach (var changed in waiting) changed.TrySetResult();
    }

    private long BornOf(string id) => Find(id)?.Born ?? long.MaxValue;
}
