using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>Clients that keep a connection and do nothing, and clients that move an artifact a few KiB a second.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int AtOnce = 50;
    private const int Announced = 16 << 20;
    private const int Step = 4096;
    // So that what is not read stays in the gateway, not in a buffer here.
    private const int SmallBuffer = 8192;

    // Each slow client has its turn once a second.
    private const int Turns = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<SmallClient> _idle = [];
    private readonly List<Slow> _slow = [];
    private Task _moving = Task.CompletedTask;
    private volatile int _turns;

    private Crowd()
    {
    }

    public static async Task<Crowd> GatherAsync(GatewayProcess gateway)
    {
        var crowd = new Crowd();
        for (var i = 0; i < Scale.IdleClients; i += AtOnce)
        {
            var more = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => SmallClient.ConnectAsync(gateway)));
            crowd._idle.AddRange(more);
            await Task.WhenAll(more.Select(client => client.AskAsync()));
        }
        for (var i = 0; i < Scale.SlowClients; i++)
        {
            crowd._slow.Add(await Slow.ConnectAsync(gateway, i, reads: true));
            crowd._slow.Add(await Slow.ConnectAsync(gateway, i, reads: false));
        }
        crowd._moving = Task.Run(crowd.MoveAsync);
        return crowd;
    }

    /// <summary>All that idled are still served, and all that were slow got, or could send, what they should.</summary>
    public async Task AssertAllServedAsync()
    {
        // One that is late had no turn yet.
        await Until.TrueAsync("each slow client had its turn", TimeSpan.FromSeconds(20), () => _turns >= Turns || _moving.IsCompleted);
        await StopAsync();
        foreach (var some in _idle.Chunk(AtOnce)) await Task.WhenAll(some.Select(client => client.AskAsync())).InTime();
        Assert.All(_slow, slow => Assert.True(slow.Moved > 0 && slow.IsOpen, "a slow client was cut off"));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _idle.ForEach(static client => client.Dispose());
        _slow.ForEach(static slow => slow.Dispose());
        _stop.Dispose();
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _moving.InTime();
    }

    private async Task MoveAsync()
    {
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / Turns), TimeProvider.System);
        try
        {
            for (var turn = 0; ; turn++)
            {
                for (var i = turn % Turns; i < _slow.Count; i += Turns) await _slow[i].MoveAsync();
                _turns = turn + 1;
                await clock.WaitForNextTickAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private sealed class Slow(Socket socket, int file, bool reads) : IDisposable
    {
        private readonly byte[] _buffer = new byte[Step];

        public long Moved { get; private set; }

        public bool IsOpen => reads ? socket.Connected : !socket.Poll(0, SelectMode.SelectRead);

        public static async Task<Slow> ConnectAsync(GatewayProcess gateway, int file, bool reads)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = SmallBuffer };
            var address = new Uri(gateway.Url);
            await socket.ConnectAsync(IPAddress.Loopback, address.Port);
            var head = string.Create(CultureInfo.InvariantCulture, $"{(reads ? "GET" : "PUT")} {RawMlflow.Artifacts}{file} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {gateway.Key}\r\n{(reads ? "" : $"Content-Length: {Announced}\r\n")}\r\n");
            await socket.SendAsync(Encoding.ASCII.GetBytes(head));
            var slow = new Slow(socket, file, reads);
            if (!reads) return slow;
            var (answer, more) = await RawMlflow.ReadHeadAsync(socket, slow._buffer).InTime();
            Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
            slow.Check(more);
            return slow;
        }

        public async Task MoveAsync()
        {
            if (reads) Check(await socket.ReceiveAsync(_buffer, SocketFlags.None).InTime());
            else Moved += await socket.SendAsync(Pattern.At(file, Moved, Step)).AsTask().InTime();
        }

        public void Dispose() => RawHttp.Reset(socket);

        private void Check(int count)
        {
            Assert.True(Pattern.Is(file, Moved, _buffer.AsSpan(0, count)), "the bytes differ");
            Moved += count;
        }
    }
}
