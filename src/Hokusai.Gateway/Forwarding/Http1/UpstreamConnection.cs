using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Hokusai.Gateway.Connections;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>
/// One HTTP/1.1 connection to one address of the upstream: bytes out, bytes in, and a deadline for silence. What the bytes
/// mean is <see cref="RequestWriter"/>'s, <see cref="ResponseReader"/>'s and <see cref="BodyRelay"/>'s business.
/// </summary>
internal sealed class UpstreamConnection : IDisposable
{
    public const int LargestHead = 64 * 1024;
    private const int FirstBuffer = 8 * 1024;
    private const int LooksForRefusal = 50;

    private static readonly TimeSpan LookForRefusal = TimeSpan.FromMilliseconds(2);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly IdleWatch _watch;
    private readonly TimeProvider _time;
    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;
    private long _deadline;
    private HttpContext? _waitsFor;
    private int _state; // 0 in use or idle, 1 timed out, 2 aborted, 3 disposed

    private UpstreamConnection(IPEndPoint address, Socket socket, Stream stream, IdleWatch watch, TimeProvider time)
    {
        Address = address;
        _socket = socket;
        _stream = stream;
        _watch = watch;
        _time = time;
        OpenedAt = time.GetTimestamp();
        watch.Add(this);
    }

    public IPEndPoint Address { get; }

    public long OpenedAt { get; }

    /// <summary>When it was put back to be used again.</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether it has carried a request before.</summary>
    public bool Reused { get; set; }

    /// <summary>Reads the heads of answers, and remembers what the last ones looked like.</summary>
    public ResponseReader Response { get; } = new();

    /// <summary>What was received and not yet used.</summary>
    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start.._end);

    public ReadOnlyMemory<byte> UnreadMemory => _buffer.AsMemory(_start.._end);

    /// <summary>Connects.</summary>
    /// <exception cref="UpstreamFailure">It can't be connected to, or its certificate is not trusted.</exception>
    public static async ValueTask<UpstreamConnection> OpenAsync(IPEndPoint address, Uri upstream, TimeSpan limit, IdleWatch watch, TimeProvider time)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var deadline = new CancellationTokenSource(limit, time);
        try
        {
            await socket.ConnectAsync(address, deadline.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (upstream.Scheme == Uri.UriSchemeHttps) stream = await SecureAsync(stream, upstream.Host, deadline.Token);
            return new UpstreamConnection(address, socket, stream, watch, time);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e switch
            {
                AuthenticationException => new UpstreamFailure(FailurePlace.UpstreamTls, Progress.NothingSent, inner: e),
                OperationCanceledException => new UpstreamFailure(FailurePlace.ConnectFailed, Progress.NothingSent, $"No connection to {address} within {limit.TotalSeconds:0.#} s.", e),
                SocketException refused => new UpstreamFailure(FailurePlace.ConnectFailed, Progress.NothingSent, $"{address}: {refused.SocketErrorCode}.", e),
                _ => new UpstreamFailure(FailurePlace.ConnectFailed, Progress.NothingSent, $"{address}: {e.Message}", e),
            };
        }
    }

    /// <summary>From now on silence of the upstream ends after this time; zero for never.</summary>
    public void LimitSilence(TimeSpan limit) => Limit(limit, null);

    /// <summary>From now on it is the client that must send or take something within this time; otherwise both sides end.</summary>
    public void LimitClientSilence(TimeSpan limit, HttpContext client) => Limit(limit, client);

    public bool IsLate(long now) => Volatile.Read(ref _deadline) is var deadline and not 0 && now > deadline;

    /// <summary>Whether the other side has closed it, or said something unasked, while it was idle.</summary>
    public bool IsStale()
    {
        try
        {
            return _socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>How many bytes the other side's system has taken so far; null if some are still on their way, or the system does not tell.</summary>
    public ulong? Acknowledged => TcpState.Of(_socket) is { AllAcknowledged: true } state ? state.BytesAcknowledged : null;

    /// <summary>
    /// Whether the other side had closed before anything that was sent after a moment reached it. Then its system has refused the bytes, and no
    /// program there can have read them. The refusal takes as long as a packet there and back.
    /// </summary>
    /// <param name="acknowledged">What <see cref="Acknowledged"/> was at that moment.</param>
    public async ValueTask<bool> HadClosedAsync(ulong acknowledged)
    {
        for (var looks = 0; looks < LooksForRefusal; looks++)
        {
            if (TcpState.Of(_socket) is not { } state || state.BytesAcknowledged != acknowledged) return false;
            if (state.IsOver) return true;
            await Task.Delay(LookForRefusal, _time);
        }
        return false;
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    /// <summary>Receives more behind what is unread; <see cref="Received"/> must be told how much came.</summary>
    public ValueTask<int> ReceiveMoreAsync()
    {
        MakeRoom();
        return _stream.ReadAsync(_buffer.AsMemory(_end));
    }

    /// <summary>Takes what <see cref="ReceiveMoreAsync"/> brought.</summary>
    /// <returns>False if the other side has closed.</returns>
    public bool Received(int length)
    {
        _end += length;
        return length > 0;
    }

    /// <summary>Receives straight into somebody else's memory. Nothing may be unread.</summary>
    public ValueTask<int> ReceiveIntoAsync(Memory<byte> memory) => _stream.ReadAsync(memory);

    public void Consume(int count)
    {
        _start += count;
        if (_start == _end) _start = _end = 0;
    }

    /// <summary>Ends it from any thread; whoever reads or writes gets an error.</summary>
    public void Abort() => End(2);

    public void AbortAsTimedOut()
    {
        var client = Volatile.Read(ref _waitsFor);
        if (Interlocked.CompareExchange(ref _state, client is null ? 1 : 2, 0) != 0) return;
        try
        {
            // Before the socket: whoever waits for that goes on as soon as it is closed, and a request that has ended can't be aborted any more.
            client?.Abort();
        }
        catch (ObjectDisposedException)
        {
            // It has ended at this moment.
        }
        _socket.Dispose();
    }

    /// <summary>What an error of reading or writing means.</summary>
    public UpstreamFailure Explain(Exception error, Progress progress)
    {
        if (error is UpstreamFailure known) return known;
        return Volatile.Read(ref _state) switch
        {
            1 => new UpstreamFailure(FailurePlace.UpstreamTimeout, progress, $"{Address} was silent.", error),
            2 => new UpstreamFailure(FailurePlace.ClientGone, progress, inner: error),
            _ => new UpstreamFailure(FailurePlace.UpstreamReset, progress, $"{Address}: {error.GetBaseException().Message}", error),
        };
    }

    public void Dispose()
    {
        _watch.Remove(this);
        Interlocked.CompareExchange(ref _state, 3, 0);
        _stream.Dispose();
    }

    private static async Task<Stream> SecureAsync(Stream stream, string host, CancellationToken cancellation)
    {
        var secure = new SslStream(stream);
        // The certificate must be for the service's name, whatever address the socket goes to.
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellation);
        return secure;
    }

    private void Limit(TimeSpan limit, HttpContext? client)
    {
        Volatile.Write(ref _waitsFor, client);
        Volatile.Write(ref _deadline, limit == TimeSpan.Zero ? 0 : _time.GetTimestamp() + (long)(limit.TotalSeconds * _time.TimestampFrequency));
    }

    private void End(int state)
    {
        if (Interlocked.CompareExchange(ref _state, state, 0) == 0) _socket.Dispose();
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length) return;
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            return;
        }
        if (_buffer.Length >= LargestHead) throw new UpstreamFailure(FailurePlace.UpstreamMalformed, Progress.AnswerBegun, $"The answer's head is larger than {LargestHead / 1024} KiB.");
        Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
