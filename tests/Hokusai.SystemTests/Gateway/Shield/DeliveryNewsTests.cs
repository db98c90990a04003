using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Hokusai.Gateway.Connections;
using Hokusai.Gateway.Shield;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Gateway.Shield;

/// <summary>A re-send that is faster than the news of how the first create's connection ended.</summary>
public sealed class DeliveryNewsTests
{
    private static readonly Fingerprint Create = SharedGateway.Create("{}");
    private static readonly byte[] Answer = "an answer"u8.ToArray();

    [Fact(Timeout = Deadlines.Test)]
    public async Task Begin_ResetThatNobodyHasReadYet_IsWaitedForAndGetsTheFirstOutcome()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = await RawClient.ConnectAsync($"http://{listener.LocalEndPoint}");
        using var accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask().InTime();
        // What the gateway reads of the connection comes by hand, so that the news of its end comes as late as the test wants.
        var received = new Pipe();
        var connection = await WatchedAsync(accepted, received.Reader);
        var (options, time) = (new ShieldOptions(), new HeldTime(TimeProvider.System.GetUtcNow()));
        var store = new MemoryShieldStore(options, time, NullLogger.Instance);
        var shield = new ReplayShield(store, options, time, NullLogger.Instance);

        using (var first = await shield.BeginAsync(Create, "first", TestContext.Current.CancellationToken))
        {
            Assert.True(first.Answered(200, "text/plain", Answer));
            var delivery = shield.Deliveries.Begin(connection, Create, first)!;
            await accepted.SendAsync(Answer).InTime();
            delivery.Written(Answer.Length);
        }
        await client.ReceiveAsync(new byte[100]).InTime();
        await Until.TrueAsync("the answer counts as delivered", TimeSpan.FromSeconds(20), () => store.Count == 0);
        var reading = connection.Input.ReadAsync(TestContext.Current.CancellationToken);
        RawServer.Reset(client);
        await Until.TrueAsync("the system has the reset", TimeSpan.FromSeconds(20), () => TcpState.Of(accepted) is { IsOver: true });

        var again = shield.BeginAsync(Create, "again", TestContext.Current.CancellationToken);
        Assert.False(again.IsCompleted, "sent, though the first's client may not have its answer");
        await received.Writer.CompleteAsync(new ConnectionResetException("reset"));
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await reading);

        using var ticket = await again.AsTask().InTime();
        Assert.Equal((ShieldVerdict.Replay, "first"), (ticket.Verdict, ticket.Outcome!.RequestId));
        ticket.Delivered();
    }

    private static async Task<ClientConnection> WatchedAsync(Socket socket, PipeReader input)
    {
        await using var context = new DefaultConnectionContext("test") { Transport = new Duplex(input, PipeWriter.Create(Stream.Null)) };
        context.Features.Set<IConnectionSocketFeature>(new SocketFeature(socket));
        await ClientConnection.Watch(static _ => Task.CompletedTask)(context);
        return context.Features.Get<ClientConnection>()!;
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed record SocketFeature(Socket Socket) : IConnectionSocketFeature;
}
