namespace Hokusai.Gateway.Admission;

/// <summary>Settings of what is remembered of keys, beyond how long a verdict is used.</summary>
public sealed record VerdictOptions
{
    /// <summary>What happens to reads while the auth service is away.</summary>
    /// <value>Default <see cref="StaleVerdicts.Serve"/>.</value>
    public StaleVerdicts StaleReads { get; init; } = StaleVerdicts.Serve;

    /// <summary>What happens to everything else while the auth service is away.</summary>
    /// <value>Default <see cref="StaleVerdicts.Serve"/>.</value>
    public StaleVerdicts StaleWrites { get; init; } = StaleVerdicts.Serve;

    /// <summary>How long reads are served by an outlived verdict. <see cref="GatewayOptions.StaleVerdictLifetime"/> goes before it.</summary>
    /// <value>0 to 24 h, default 15 min.</value>
    public TimeSpan StaleReadsLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long everything else is served by an outlived verdict. <see cref="GatewayOptions.StaleVerdictLifetime"/> goes before it.</summary>
    /// <value>0 to 24 h, default 15 min.</value>
    public TimeSpan StaleWritesLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Most good keys remembered; those that were confirmed longest ago go first.</summary>
    /// <value>100 to 1,000,000, default 50,000.</value>
    public int MostVerdicts { get; init; } = 50_000;

    /// <summary>Most refusals remembered; the oldest go first.</summary>
    /// <value>100 to 1,000,000, default 20,000.</value>
    public int MostRefusals { get; init; } = 20_000;

    /// <summary>Most questions to the auth service at once. Half of them are kept for keys that were good lately, however many unknown ones come.</summary>
    /// <value>2 to 10,000, default 64.</value>
    public int MostQuestions { get; init; } = 64;

    /// <summary>File with keys that are refused whatever the auth service says, a line each: a key's id, its beginning or its SHA-256.</summary>
    /// <value>A path; default none. Read again when it changes.</value>
    public string? DenyListFile { get; init; }

    internal IEnumerable<string> Faults()
    {
        var faults = new List<string>();
        OptionRange.Check(faults, "staleReadsLifetime", StaleReadsLifetime, TimeSpan.Zero, TimeSpan.FromHours(24));
        OptionRange.Check(faults, "staleWritesLifetime", StaleWritesLifetime, TimeSpan.Zero, TimeSpan.FromHours(24));
        OptionRange.Check(faults, "mostVerdicts", MostVerdicts, 100, 1_000_000);
        OptionRange.Check(faults, "mostRefusals", MostRefusals, 100, 1_000_000);
        OptionRange.Check(faults, "mostQuestions", MostQuestions, 2, 10_000);
        return faults;
    }
}

/// <summary>What becomes of a request whose key was good lately while the auth service can't be asked.</summary>
public enum StaleVerdicts
{
    /// <summary>It goes on, for a bounded time.</summary>
    Serve,

    /// <summary>It gets 503.</summary>
    Refuse,
}
