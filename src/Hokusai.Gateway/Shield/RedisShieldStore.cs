using StackExchange.Redis;

namespace Hokusai.Gateway.Shield;

/// <summary>The store that several gateways share. Fails when Redis does not answer within the deadline; <see cref="SharedShieldStore"/> knows what to do then.</summary>
internal sealed class RedisShieldStore(IConnectionMultiplexer redis, ShieldOptions options, TimeProvider time) : IShieldStore, IAsyncDisposable
{
    // Whole scripts travel, not their hashes: a Redis that was restarted knows no hashes, and a create can wait for 1 KB more.
    private const CommandFlags Flags = CommandFlags.NoScriptCache;

    // One that waits asks every few milliseconds. If it does not, its gateway died, and those behind it in the line must not wait for it.
    private const int HeldLife = 1000;

    private readonly IDatabase _database = redis.GetDatabase();

    public bool IsConnected => redis.IsConnected;

    /// <summary>Where it is, without credentials.</summary>
    public IReadOnlyList<string> Endpoints => [.. redis.GetEndPoints(configuredOnly: true).Select(EndPointCollection.ToString)];

    public TimeSpan? PollEvery => options.RedisPoll;

    private long KeyLife => (long)(options.Window + options.LongestFlight + options.LongestDelivery).TotalMilliseconds;

    /// <summary>Connects, or goes on trying in the background.</summary>
    /// <param name="configuration">As StackExchange.Redis reads it: <c>HOST:PORT,password=…,ssl=true</c>.</param>
    public static async Task<IConnectionMultiplexer> ConnectAsync(string configuration)
    {
        var settings = ConfigurationOptions.Parse(configuration);
        settings.AbortOnConnectFail = false;
        settings.ConnectTimeout = 2000;
        // A question that waits for Redis to return would be answered when nobody wants to know any more.
        settings.BacklogPolicy = BacklogPolicy.FailFast;
        settings.ReconnectRetryPolicy = new LinearRetry(1000);
        return await ConnectionMultiplexer.ConnectAsync(settings);
    }

    public async ValueTask<EntryAnswer> EnterAsync(Fingerprint fingerprint, string id, bool mayHold, TaskCompletionSource changed)
    {
        RedisValue[] arguments =
        [
            id, mayHold ? 1 : 0, Milliseconds(options.LongestFlight), Milliseconds(options.LongestDelivery), Milliseconds(options.Window), KeyLife, HeldLife,
        ];
        var answer = (RedisResult[])(await RunAsync(RedisShieldScripts.Enter, fingerprint, arguments))!;
        return (string?)answer[0] switch
        {
            "replay" => new EntryAnswer(EntryVerdict.Replay, (string)answer[1]!, ShieldedOutcome.FromBytes((byte[])answer[2]!)),
            "wait" => new EntryAnswer(EntryVerdict.Wait),
            "hold" => new EntryAnswer(EntryVerdict.Hold),
            _ => new EntryAnswer(EntryVerdict.Send),
        };
    }

    public async ValueTask PutAsync(Fingerprint fingerprint, string id, EntryState state, ShieldedOutcome? outcome = null) =>
        await RunAsync(RedisShieldScripts.Put, fingerprint, [id, Letter(state), Milliseconds(ShieldEntry.Lifetime(state, options)), KeyLife, outcome?.ToBytes() ?? []]);

    public async ValueTask RemoveAsync(Fingerprint fingerprint, string id) => await RunAsync(RedisShieldScripts.Remove, fingerprint, [id]);

    /// <summary>Calls when the connection was lost, for what Redis knew may be lost with it. Not when this process gives it up.</summary>
    public void OnLost(Action<string> told) => redis.ConnectionFailed += (_, e) =>
    {
        if (e.ConnectionType == ConnectionType.Interactive && e.FailureType != ConnectionFailureType.ConnectionDisposed) told(e.FailureType.ToString());
    };

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    /// <summary>Asks whether Redis answers.</summary>
    public Task PingAsync() => _database.PingAsync().WaitAsync(options.RedisDeadline, time);

    // The braces keep both hashes of a fingerprint on one node of a cluster.
    private Task<RedisResult> RunAsync(string script, Fingerprint fingerprint, RedisValue[] arguments)
    {
        var key = $"hokusai:shield:{{{fingerprint}}}";
        return _database.ScriptEvaluateAsync(script, [key, key + ":outcomes"], arguments, Flags).WaitAsync(options.RedisDeadline, time);
    }

    private static long Milliseconds(TimeSpan length) => (long)length.TotalMilliseconds;

    private static string Letter(EntryState state) => state switch
    {
        EntryState.Held => "H",
        EntryState.Flying => "F",
        EntryState.Orphaned => "O",
        EntryState.Owed => "W",
        EntryState.Delivering => "D",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "a state without a letter"),
    };
}
