using System.Globalization;
using Hokusai.Gateway.Shield;

namespace Hokusai.Tests.Gateway.Shield;

/// <summary>MLflow as the model sees it: counts what it makes.</summary>
internal sealed class CountingUpstream(Random random, TimeProvider time)
{
    public int Made { get; private set; }

    /// <summary>Processes a create, or not.</summary>
    /// <returns>Null if the connection was refused, else status and body.</returns>
    public async Task<(int Status, byte[] Body)?> CreateAsync(bool calm)
    {
        var fate = calm ? 1 : random.NextDouble();
        if (fate < 0.03) return null;
        var slowness = random.NextDouble();
        await Task.Delay(TimeSpan.FromMilliseconds(slowness < 0.02 ? random.Next(14_000, 24_000) : slowness < 0.1 ? random.Next(1000, 8000) : random.Next(1, 80)), time);
        return fate < 0.08 ? (503, []) : (200, ShieldBench.Body((++Made).ToString(CultureInfo.InvariantCulture)));
    }
}

/// <summary>One HTTP request of a client, seen from both of its ends.</summary>
internal sealed class SimulatedCall
{
    private readonly TaskCompletionSource<(int Status, int Run)> _answer = new();
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly Action _abort;

    public SimulatedCall(Random random, TimeProvider time)
    {
        var aborted = new CancellationTokenSource();
        (_random, _time, _abort, Aborted) = (random, time, aborted.Cancel, aborted.Token);
    }

    /// <summary>What the client gets; status 0 if the connection breaks.</summary>
    public Task<(int Status, int Run)> Answer => _answer.Task;

    /// <summary>Cancelled when the gateway notices that the client is gone.</summary>
    public CancellationToken Aborted { get; }

    /// <summary>The client gives up; the gateway hears of it a little later.</summary>
    public async Task LeaveAsync(TimeSpan after)
    {
        await Task.Delay(after, _time);
        if (!_answer.TrySetResult((0, 0))) return;
        await NoticeAsync();
        _abort();
    }

    /// <summary>The gateway writes an answer, which may break off.</summary>
    /// <returns>Whether the client got it.</returns>
    public async Task<bool> WriteAsync(int status, int run, bool mayBreak)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(0, 20)), _time);
        // Together the delays of one loss stay below the shield's Settle: what takes longer can't be known in time, and is not promised.
        if (_answer.Task.IsCompleted) return false;
        if (mayBreak && _random.NextDouble() < 0.25)
        {
            _answer.TrySetResult((0, 0));
            await NoticeAsync();
            return false;
        }
        return _answer.TrySetResult((status, run));
    }

    private Task NoticeAsync() => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(0, 60)), _time);
}

/// <summary>What the gateway does with a create, in the order in which the forwarder does it.</summary>
internal sealed class SimulatedGateway(ReplayShield shield, CountingUpstream upstream, TimeProvider time)
{
    private static readonly TimeSpan AttemptDeadline = TimeSpan.FromSeconds(15);

    private int _requests;

    public async Task HandleAsync(Fingerprint fingerprint, SimulatedCall call, bool calm)
    {
        ShieldTicket ticket;
        try
        {
            ticket = await shield.BeginAsync(fingerprint, $"request-{++_requests}", call.Aborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        using (ticket)
        {
            if (ticket.Verdict == ShieldVerdict.StillOut) await call.WriteAsync(503, 0, mayBreak: false);
            else if (ticket.Verdict == ShieldVerdict.Replay) await AnswerAsync(call, ticket, ticket.Outcome!.Body!.Value, calm);
            else await SendAsync(call, ticket, calm);
        }
    }

    private async Task SendAsync(SimulatedCall call, ShieldTicket ticket, bool calm)
    {
        await using var gone = call.Aborted.Register(ticket.ClientGone);
        var answering = upstream.CreateAsync(calm);
        if (await Task.WhenAny(answering, Task.Delay(AttemptDeadline, time)) != answering)
        {
            ticket.ClientGone();
            await call.WriteAsync(504, 0, mayBreak: false);
        }
        if (await answering is not { } answer)
        {
            ticket.Failed(ProcessedBy.Nobody);
            await call.WriteAsync(502, 0, mayBreak: false);
        }
        else if (ticket.Answered(answer.Status, "application/json", answer.Body))
        {
            if (answer.Status == 200) await AnswerAsync(call, ticket, answer.Body, calm);
            else await call.WriteAsync(answer.Status, 0, mayBreak: false);
        }
    }

    private static async Task AnswerAsync(SimulatedCall call, ShieldTicket ticket, ReadOnlyMemory<byte> body, bool calm)
    {
        if (await call.WriteAsync(200, int.Parse(body.Span, CultureInfo.InvariantCulture), mayBreak: !calm)) ticket.Delivered();
        else ticket.Undelivered();
    }
}
