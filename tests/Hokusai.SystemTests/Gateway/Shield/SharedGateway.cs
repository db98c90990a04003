using Hokusai.Gateway.Shield;
using Hokusai.SystemTests.Fixtures;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Hokusai.SystemTests.Gateway.Shield;

/// <summary>The shield of one gateway of several, on the Redis that they share.</summary>
internal sealed class SharedGateway : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    // The deadline is longer than the default, for a machine that runs other tests at the same time; what is tested is not its length.
    private static readonly ShieldOptions Options = new() { RedisDeadline = TimeSpan.FromSeconds(20), Settle = TimeSpan.FromMilliseconds(50) };

    private readonly IConnectionMultiplexer _redis;
    private readonly ReplayShield _shield;
    private readonly string _name;
    private int _requests;

    private SharedGateway(string name, IConnectionMultiplexer redis, ILogger logger)
    {
        (_name, _redis) = (name, redis);
        Memory = new MemoryShieldStore(Options, TimeProvider.System, logger);
        Store = new SharedShieldStore(new RedisShieldStore(redis, Options, TimeProvider.System), Memory, TimeProvider.System, logger);
        _shield = new ReplayShield(Store, Options, TimeProvider.System, logger);
    }

    public MemoryShieldStore Memory { get; }

    public SharedShieldStore Store { get; }

    public static async Task<SharedGateway> StartAsync(string name, RedisServer server, ILogger logger)
    {
        var redis = await RedisShieldStore.ConnectAsync(server.Configuration);
        // It goes on trying by itself where the machine is too slow for its first try.
        await Until.TrueAsync("connected", Deadline, () => redis.IsConnected);
        return new SharedGateway(name, redis, logger);
    }

    public static Fingerprint Create(string body) => Fingerprint.Of("key-1", "POST", "/api/2.0/mlflow/runs/create", "", System.Text.Encoding.UTF8.GetBytes(body));

    public static string RunOf(ShieldTicket ticket) => System.Text.Encoding.UTF8.GetString(ticket.Outcome!.Body!.Value.Span);

    public Task<ShieldTicket> BeginAsync(string body) => _shield.BeginAsync(Create(body), $"{_name}-{Interlocked.Increment(ref _requests)}", TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline);

    /// <summary>Begins a create that must come to this verdict.</summary>
    public async Task<ShieldTicket> BeginAsync(string body, ShieldVerdict expected)
    {
        var ticket = await BeginAsync(body);
        Assert.Equal(expected, ticket.Verdict);
        return ticket;
    }

    /// <summary>A create whose answer gets lost.</summary>
    public async Task OweAsync(string body, string run)
    {
        using var ticket = await BeginAsync(body, ShieldVerdict.Send);
        Answer(ticket, run);
        ticket.Undelivered();
        await ToldAsync();
    }

    /// <summary>Waits until Redis has done what this gateway told it so far, if it is there: nobody waits for it otherwise, and the other gateway could be faster.</summary>
    public async Task ToldAsync()
    {
        try
        {
            // One connection, in order.
            await _redis.GetDatabase().PingAsync().WaitAsync(Deadline);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Away.
        }
    }

    public static void Answer(ShieldTicket ticket, string run) => ticket.Answered(200, "application/json", System.Text.Encoding.UTF8.GetBytes(run));

    /// <summary>Waits until something holds, with a deadline.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Deadline, $"not within {Deadline.TotalSeconds} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
