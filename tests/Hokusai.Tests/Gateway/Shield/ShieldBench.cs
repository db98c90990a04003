using Hokusai.Gateway.Shield;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Shield;

/// <summary>A shield with a store in memory and a clock that stands still.</summary>
internal sealed class ShieldBench
{
    public static readonly Fingerprint Create = Fingerprint.Of("key-1", "POST", "/api/2.0/mlflow/runs/create", "", "{}"u8);

    private int _requests;

    public ShieldBench(ShieldOptions? options = null)
    {
        Store = new MemoryShieldStore(options ?? new ShieldOptions(), Time, NullLogger.Instance);
        Shield = new ReplayShield(Store, options ?? new ShieldOptions(), Time, NullLogger.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public MemoryShieldStore Store { get; }

    public ReplayShield Shield { get; }

    public Task<ShieldTicket> BeginAsync(Fingerprint? fingerprint = null, CancellationToken cancellation = default) =>
        Shield.BeginAsync(fingerprint ?? Create, $"request-{++_requests}", cancellation).AsTask();

    /// <summary>Begins a create that is not held: its ticket is there at once.</summary>
    public async Task<ShieldTicket> NowAsync(ShieldVerdict expected, Fingerprint? fingerprint = null)
    {
        var begin = BeginAsync(fingerprint);
        Assert.True(begin.IsCompleted, "the create waits");
        var ticket = await begin;
        Assert.Equal(expected, ticket.Verdict);
        return ticket;
    }

    /// <summary>Begins a create that has to wait out the equal ones in flight.</summary>
    public async Task<ShieldTicket> SettledAsync(ShieldVerdict expected)
    {
        var begin = BeginAsync();
        Time.Advance(new ShieldOptions().Settle);
        var ticket = await begin.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(expected, ticket.Verdict);
        return ticket;
    }

    public static byte[] Body(string runId) => System.Text.Encoding.UTF8.GetBytes(runId);

    public static string RunOf(ShieldTicket ticket) => System.Text.Encoding.UTF8.GetString(ticket.Outcome!.Body!.Value.Span);
}
