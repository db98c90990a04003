using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>
/// Stands between clients and a gateway, and resets both sides at the moment that a request's header asks for:
/// the client has no answer, or not all of it, and the gateway learns that there is nobody to give one to.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    /// <summary>When to cut: milliseconds after the request was carried through, or one of the words below; a request without it is left alone.</summary>
    public const string Header = "X-Cut";

    /// <summary>Before anything of the request is carried through.</summary>
    public const string Before = "before";

    /// <summary>After the first bytes of the answer were given to the client.</summary>
    public const string InAnswer = "in-answer";

    /// <summary>After the whole answer was read from the gateway, and before anything of it is given to the client.</summary>
    public const string AfterAnswer = "after-answer";

    private const int FirstBytes = 40;

    // On a busy machine the moment may be missed, and an answer be on its way; then it is let through.
    private static readonly TimeSpan TooLate = TimeSpan.FromMilliseconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Task> _running = [];
    private readonly Uri _gateway;
    private readonly Task _accepting;
    private int _cuts;

    private FaultProxy(string gateway)
    {
        _gateway = new Uri(gateway);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>Connections cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    public static FaultProxy Start(string gateway) => new(gateway);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting.InTime();
        await Task.WhenAll(_running).InTime();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(CancellationToken.None);
                _running.Add(Task.Run(() => CarryAsync(client)));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var gateway = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await gateway.ConnectAsync(_gateway.Host, _gateway.Port);
                var line = new Line(client, gateway);
                await Task.WhenAll(UpAsync(line), DownAsync(line));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // One side is gone, or both were cut.
            }
        }
    }

    private async Task UpAsync(Line line)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await line.Client.ReceiveAsync(buffer)) > 0)
        {
            var cut = CutOf(buffer.AsSpan(0, count));
            if (cut == Before)
            {
                // In order towards the gateway, which has answered everything that came to it: a reset would say that it was not read.
                Interlocked.Increment(ref _cuts);
                line.Gateway.Shutdown(SocketShutdown.Send);
                RawServer.Reset(line.Client);
                return;
            }
            line.CutAnswer = cut is InAnswer or AfterAnswer ? cut : null;
            line.Ask();
            var carried = Stopwatch.GetTimestamp();
            await line.Gateway.SendAsync(buffer.AsMemory(0, count));
            if (cut is null || line.CutAnswer is not null) continue;
            var wait = TimeSpan.FromMilliseconds(int.Parse(cut, CultureInfo.InvariantCulture));
            await Task.Delay(wait, TimeProvider.System, CancellationToken.None);
            if (Stopwatch.GetElapsedTime(carried) > wait + TooLate || !line.TryCut()) continue;
            Cut(line);
            return;
        }
        // Not closed while the other direction reads: that would be a reset, which says that an answer was not read.
        line.Gateway.Shutdown(SocketShutdown.Send);
    }

    private async Task DownAsync(Line line)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await line.Gateway.ReceiveAsync(buffer)) > 0)
        {
            if (line.CutAnswer is not { } cut)
            {
                if (!line.TryAnswer()) return;
                await line.Client.SendAsync(buffer.AsMemory(0, count));
                continue;
            }
            if (cut == InAnswer) await line.Client.SendAsync(buffer.AsMemory(0, Math.Min(count, FirstBytes)));
            else while (!IsWhole(buffer.AsSpan(0, count))) count += await line.Gateway.ReceiveAsync(buffer.AsMemory(count));
            Cut(line);
            return;
        }
        line.Client.Shutdown(SocketShutdown.Send);
    }

    // The client last: its next try must find the gateway told, as far as that can be.
    private void Cut(Line line)
    {
        Interlocked.Increment(ref _cuts);
        RawServer.Reset(line.Gateway);
        RawServer.Reset(line.Client);
    }

    private static string? CutOf(ReadOnlySpan<byte> request) => Field(request, Header);

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        return end >= 0 && answer.Length >= end + 4 + int.Parse(Field(answer, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
    }

    private static string? Field(ReadOnlySpan<byte> message, string name) => Encoding.Latin1.GetString(message).Split(name + ": ") is [_, var rest, ..] ? rest.Split('\r')[0] : null;

    /// <summary>One client's connection and the gateway's that belongs to it.</summary>
    private sealed class Line(Socket client, Socket gateway)
    {
        public Socket Client => client;

        public Socket Gateway => gateway;

        // Whether the client gets the answer or the connection is cut under way: one of the two, for nobody could tell what both at once mean.
        private int _decided;

        public void Ask() => Volatile.Write(ref _decided, 0);

        public bool TryAnswer() => Interlocked.CompareExchange(ref _decided, 1, 0) != 2;

        public bool TryCut() => Interlocked.CompareExchange(ref _decided, 2, 0) == 0;

        /// <summary>When in the answer that comes next to cut; null to let it through.</summary>
        public volatile string? CutAnswer;
    }
}
