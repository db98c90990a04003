namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>Settings of the connections to the upstream.</summary>
public sealed record PoolOptions
{
    /// <summary>Deadline for a connection.</summary>
    /// <value>100 ms to 30 s, default 2 s.</value>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Age at which a connection is not used again: old connections pin old addresses.</summary>
    /// <value>1 s to 1 h, default 30 s.</value>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time after which an idle connection is closed. Must be shorter than the upstream's keep-alive (uvicorn: 5 s).</summary>
    /// <value>100 ms to 10 min, default 3 s.</value>
    public TimeSpan IdleLifetime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Idle connections kept for each address.</summary>
    /// <value>0 to 10,000, default 256.</value>
    public int MostIdle { get; init; } = 256;

    /// <summary>How long an address is left out after a first failure; doubles with each failure in a row. The last address is never left out.</summary>
    /// <value>100 ms to 60 s, default 1 s.</value>
    public TimeSpan FirstEjection { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time for which an address is left out.</summary>
    /// <value>1 s to 10 min, default 30 s.</value>
    public TimeSpan LongestEjection { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        OptionRange.Check(faults, "connectDeadline", ConnectDeadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        OptionRange.Check(faults, "connectionLifetime", ConnectionLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        OptionRange.Check(faults, "idleConnectionLifetime", IdleLifetime, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        OptionRange.Check(faults, "mostIdleConnections", MostIdle, 0, 10_000);
        OptionRange.Check(faults, "firstEjection", FirstEjection, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60));
        OptionRange.Check(faults, "longestEjection", LongestEjection, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        OptionRange.CheckNotLonger(faults, "firstEjection", FirstEjection, "longestEjection", LongestEjection);
        return faults;
    }
}
