using System.Net;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>
/// One task of the upstream, at the level of sockets: at every moment it knows which of its connections are idle, so it can be ended
/// between two requests, which a well-behaved server can't. It answers its health check itself.
/// </summary>
internal sealed class UpstreamTask : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Line> _lines = [];
    private readonly List<Task> _running = [];
    private readonly TcpListener _listener;
    private readonly Func<TaskRequest, Task<TaskAnswer>> _answer;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _draining, _killed;
    private volatile bool _silent;
    private int _served;

    private UpstreamTask(IPAddress address, int port, Func<TaskRequest, Task<TaskAnswer>> answer)
    {
        _answer = answer;
        _listener = new TcpListener(address, port);
        _listener.Start();
        Address = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>Requests answered, health checks apart.</summary>
    public int Served => Volatile.Read(ref _served);

    private bool IsDraining
    {
        get
        {
            lock (_gate) return _draining;
        }
    }

    public int Connections
    {
        get
        {
            lock (_gate) return _lines.Count;
        }
    }

    /// <summary>Starts a task.</summary>
    /// <param name="address">Any of loopback, such as <c>127.0.0.2</c>.</param>
    /// <param name="port">0 for a free one.</param>
    /// <param name="answer">Its answers.</param>
    public static UpstreamTask Start(string address, int port, Func<TaskRequest, Task<TaskAnswer>> answer) => new(IPAddress.Parse(address), port, answer);

    /// <summary>Takes no new connection; each one that is there ends with its next answer.</summary>
    public void Drain()
    {
        _listener.Stop();
        lock (_gate) _draining = true;
    }

    /// <summary>Says nothing any more, on no connection and to no health check, but takes what comes.</summary>
    public void FallSilent() => _silent = true;

    /// <summary>As if the network to it were cut: says nothing any more, and its port is free for somebody else.</summary>
    public void Vanish()
    {
        FallSilent();
        _listener.Stop();
    }

    /// <summary>Takes no new connection and resets the others: idle ones now, busy ones as soon as their answer is out.</summary>
    public void Kill()
    {
        _listener.Stop();
        lock (_gate)
        {
            _killed = true;
            foreach (var line in _lines) CutIfIdle(line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        _ended.TrySetResult();
        await _accepting.InTime();
        lock (_gate)
        {
            foreach (var line in _lines) line.Socket.Dispose();
        }
        await Task.WhenAll(_running).InTime();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var line = new Line(await _listener.AcceptSocketAsync(CancellationToken.None));
                lock (_gate)
                {
                    _lines.Add(line);
                    _running.Add(Task.Run(() => ServeAsync(line)));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Line line)
    {
        try
        {
            line.Socket.NoDelay = true;
            while (await ReadAsync(line) is { } request)
            {
                if (_silent) await _ended.Task;
                var answer = request.Target == "/health" ? new TaskAnswer(200, "OK") : await _answer(request);
                if (request.Target != "/health") Interlocked.Increment(ref _served);
                // One look at it: an answer that promised to keep the connection is followed by another.
                var last = IsDraining;
                await line.Socket.SendAsync(answer.ToBytes(close: last));
                if (last || !Settle(line)) return;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The gateway closed it, or this task did.
        }
        finally
        {
            lock (_gate) _lines.Remove(line);
            line.Socket.Dispose();
        }
    }

    private async Task<TaskRequest?> ReadAsync(Line line)
    {
        var text = "";
        var buffer = new byte[16 * 1024];
        // Waits without taking anything: what was taken and not yet called busy would be cut like an idle connection.
        await line.Socket.ReceiveAsync(Memory<byte>.Empty);
        lock (_gate) line.Busy = true;
        int count;
        while ((count = await line.Socket.ReceiveAsync(buffer)) > 0)
        {
            text += Encoding.UTF8.GetString(buffer, 0, count);
            if (TaskRequest.TryParse(text) is { } request) return request;
        }
        return null;
    }

    // After an answer: whether the connection goes on.
    private bool Settle(Line line)
    {
        lock (_gate)
        {
            line.Busy = false;
            return !(_killed && CutIfIdle(line));
        }
    }

    // A request that is here but was not read yet counts as begun: the task ends between requests, never in one.
    private static bool CutIfIdle(Line line)
    {
        if (line.Busy || line.Socket.Available > 0) return false;
        RawServer.Reset(line.Socket);
        return true;
    }

    private sealed class Line(Socket socket)
    {
        public Socket Socket => socket;

        public volatile bool Busy;
    }
}
