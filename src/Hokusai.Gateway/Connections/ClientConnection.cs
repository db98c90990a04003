using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Connections;

/// <summary>What a connection shows of the client after an answer.</summary>
internal enum ClientSign
{
    /// <summary>The next request came: the client has the answer.</summary>
    AskedOn,

    /// <summary>The client said goodbye.</summary>
    SaidGoodbye,

    /// <summary>The client, or what stands between, ended it at once.</summary>
    Reset,

    /// <summary>It was this side that ended it; nothing more will be seen.</summary>
    ClosedHere,
}

/// <summary>
/// A client's connection, seen from below HTTP: there it can be told whether an answer arrived. Kestrel counts an answer as written when the
/// system has taken it, and does not say how an idle connection ended.
/// </summary>
internal sealed class ClientConnection : IDuplexPipe
{
    private readonly IDuplexPipe _transport;
    private readonly Socket? _socket;
    private readonly WatchedReader _input;

    private ClientConnection(IDuplexPipe transport, Socket? socket)
    {
        (_transport, _socket) = (transport, socket);
        _input = new WatchedReader(transport.Input);
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _transport.Output;

    /// <summary>What a request says of itself again and again on one connection.</summary>
    public Admission.ConnectionCredential? Credential { get; set; }

    /// <summary>A request's connection; null if nobody watches it.</summary>
    public static ClientConnection? Of(HttpContext http) => http.Features.Get<ClientConnection>();

    /// <summary>Connection middleware: watches every connection from its beginning.</summary>
    public static ConnectionDelegate Watch(ConnectionDelegate next) => context =>
    {
        var connection = new ClientConnection(context.Transport, context.Features.Get<IConnectionSocketFeature>()?.Socket);
        context.Transport = connection;
        context.Features.Set(connection);
        return next(context);
    };

    /// <summary>Whether the system can be asked about the connection at all.</summary>
    public bool CanBeAsked => _socket is not null && OperatingSystem.IsLinux();

    /// <summary>A handle by which to ask the system about the connection, even after its end; null if that has come already.</summary>
    public Socket? Copy() => _socket is null ? null : SocketCopy.TryMake(_socket);

    /// <summary>Calls back once with the first sign after the answer that is being written.</summary>
    public void WhenSigned(Action<ClientSign> sign) => _input.Sign = sign;

    /// <summary>Passes everything through; looks at how reads end while somebody waits for a sign.</summary>
    private sealed class WatchedReader(PipeReader inner) : PipeReader
    {
        private Action<ClientSign>? _sign;

        public Action<ClientSign>? Sign
        {
            set => Volatile.Write(ref _sign, value);
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            Volatile.Read(ref _sign) is null ? inner.ReadAsync(cancellationToken) : ReadAndTellAsync(cancellationToken);

        public override bool TryRead(out ReadResult result)
        {
            if (!inner.TryRead(out result)) return false;
            TellOf(result);
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            Tell(ClientSign.ClosedHere);
            inner.Complete(exception);
        }

        public override ValueTask CompleteAsync(Exception? exception = null)
        {
            Tell(ClientSign.ClosedHere);
            return inner.CompleteAsync(exception);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<ReadResult> ReadAndTellAsync(CancellationToken cancellation)
        {
            try
            {
                var result = await inner.ReadAsync(cancellation);
                TellOf(result);
                return result;
            }
            catch (ConnectionResetException)
            {
                Tell(ClientSign.Reset);
                throw;
            }
        }

        private void TellOf(in ReadResult result)
        {
            if (Volatile.Read(ref _sign) is null) return;
            if (!result.Buffer.IsEmpty) Tell(ClientSign.AskedOn);
            else if (result.IsCompleted) Tell(ClientSign.SaidGoodbye);
        }

        private void Tell(ClientSign sign) => Interlocked.Exchange(ref _sign, null)?.Invoke(sign);
    }
}
