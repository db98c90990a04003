using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hokusai.Serve;

/// <summary>How a role is hosted.</summary>
internal sealed record Hosting
{
    /// <summary>Whether what a socket brings is handled on the thread that saw it come. Saves two changes of thread a request; for roles that never block.</summary>
    public bool Inline { get; init; }

    /// <summary>Largest request body in bytes that is taken unless an endpoint lifts the limit; null for any.</summary>
    public long? LargestBody { get; init; }

    /// <summary>Whether to take memory for what a socket brings only once there is something: costs a call of the system a request. Otherwise each connection holds a block.</summary>
    public bool WaitForBytes { get; init; } = true;

    /// <summary>Replaces the memory that sockets receive into, given what makes the server's own, which comes in blocks of 4 KiB.</summary>
    public Func<IMemoryPoolFactory<byte>, IMemoryPoolFactory<byte>>? Memory { get; init; }

    /// <summary>Idle timeout of a role that stands for the load balancer's listener; null for one that stands behind it.</summary>
    public TimeSpan? ListenerIdle { get; init; }

    /// <summary>What sees each connection before HTTP does, if anything.</summary>
    public Func<ConnectionDelegate, ConnectionDelegate>? Watch { get; init; }
}

/// <summary>One role on one listening socket.</summary>
internal sealed class RoleHost : IAsyncDisposable
{
    // An answer that was just written is on its way to the socket.
    private static readonly TimeSpan LeastStop = TimeSpan.FromMilliseconds(100);

    private readonly WebApplication _application;

    private RoleHost(WebApplication application, string url)
    {
        _application = application;
        Url = url;
    }

    /// <summary>Where the role listens, with the port that it really got.</summary>
    public string Url { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="address">Where to listen; port 0 takes a free one.</param>
    /// <param name="handle">Answers every request.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="hosting">How the role is hosted.</param>
    /// <param name="drain">How long requests that run may go on after a stop was asked for.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="CommandFailure">The address can't be listened on.</exception>
    public static async Task<RoleHost> StartAsync(
        ListenAddress address, RequestDelegate handle, ILoggerFactory loggers, Hosting hosting, TimeSpan drain, CancellationToken cancellation)
    {
        // Empty: no configuration files, no environment, nothing that another program's settings could change.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = drain);
        builder.WebHost.UseKestrelCore().UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = hosting.Inline;
            sockets.WaitForDataBeforeAllocatingBuffer = hosting.WaitForBytes;
        }).ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = hosting.LargestBody;
            // A slow client is not a broken one: artifacts travel over slow lines too. Idle limits are the hops' own.
            server.Limits.MinRequestBodyDataRate = null;
            server.Limits.MinResponseDataRate = null;
            // Above the load balancer's idle timeout of 60 s, so that it never sends into a connection that closes.
            server.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
            // The load balancer's own limits: what it lets through must not die here.
            server.Limits.MaxRequestLineSize = 16 * 1024;
            server.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
            if (hosting.ListenerIdle is { } idle) ListenAsLoadBalancer(server, idle);
            // Bytes beyond ASCII pass the hops as they are, whatever encoding they are meant in.
            server.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
            server.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
            server.Listen(address.Ip, address.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (hosting.Watch is { } watch) listen.Use(watch);
            });
        });
        if (hosting.Memory is { } memory) ReplaceMemory(builder.Services, memory);
        var application = builder.Build();
        application.Run(handle);
        try
        {
            await application.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync();
            var reason = e.InnerException is AddressInUseException ? "the port is in use; end the program that has it or choose another port (0 takes a free one)" : e.Message;
            throw CommandFailure.Unreachable($"can't listen on {address}: {reason}");
        }
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new RoleHost(application, bound);
    }

    // The server registers its own, whatever was there before: this must come after it.
    private static void ReplaceMemory(IServiceCollection services, Func<IMemoryPoolFactory<byte>, IMemoryPoolFactory<byte>> replace)
    {
        var own = services.Last(static service => service.ServiceType == typeof(IMemoryPoolFactory<byte>));
        services.AddSingleton(provider => replace((IMemoryPoolFactory<byte>)(own.ImplementationInstance ?? own.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, own.ImplementationType!))));
    }

    // The edge refuses itself, with the load balancer's own status, what is above its limits; here is only what it must not even read.
    private static void ListenAsLoadBalancer(KestrelServerOptions server, TimeSpan idle)
    {
        server.Limits.KeepAliveTimeout = idle;
        server.Limits.RequestHeadersTimeout = idle;
        server.Limits.MaxRequestHeadersTotalSize = 128 * 1024;
        server.Limits.MaxRequestHeaderCount = 4096;
        // The host of an absolute-form target wins over the header.
        server.AllowHostHeaderOverride = true;
    }

    /// <summary>Takes no new connection and lets running requests end.</summary>
    /// <param name="atMost">How long they may take; after it they are aborted.</param>
    /// <param name="time">The clock.</param>
    public async Task StopAsync(TimeSpan atMost, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(atMost > LeastStop ? atMost : LeastStop, time);
        await _application.StopAsync(limit.Token);
    }

    /// <summary>Takes no new connection, lets running requests end, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}

/// <summary>How the runtime's sockets hand over what they bring.</summary>
internal static class SocketScheduling
{
    /// <summary>
    /// Lets the thread that sees a socket become ready go on with what waits for it, in place of queueing that to the pool: a third more
    /// requests a second for a proxy. For processes that run nothing but roles that never block; must come before the first socket.
    /// </summary>
    /// <remarks>Source: .NET runtime, the environment variable of the same name; there is no other switch.</remarks>
    public static void PreferInline() => Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
}

/// <summary>An address and port to listen on.</summary>
internal sealed record ListenAddress(IPAddress Ip, int Port)
{
    public static ListenAddress Loopback(int port) => new(IPAddress.Loopback, port);

    /// <summary>Reads a host as <c>mlflow server --host</c> takes it.</summary>
    public static ListenAddress Parse(string host, int port)
    {
        if (port is < 0 or > 65535) throw CommandFailure.Usage($"port {port}: must be 0 to 65535");
        if (host is "localhost") return Loopback(port);
        return IPAddress.TryParse(host, out var ip) ? new ListenAddress(ip, port) : throw CommandFailure.Usage($"host '{host}': give an IP address to listen on, such as 127.0.0.1 or 0.0.0.0, or localhost");
    }

    public override string ToString() => new IPEndPoint(Ip, Port).ToString();
}

/// <summary>Memory in blocks that hold more of an artifact than the server's own of 4 KiB: one call of the system carries up to 16 times as much.</summary>
internal sealed class LargeBlockFactory : IMemoryPoolFactory<byte>
{
    /// <summary>For roles whose idle connections hold no memory.</summary>
    public static IMemoryPoolFactory<byte> Instead(IMemoryPoolFactory<byte> usual) => new LargeBlockFactory();

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlocks();

    private sealed class LargeBlocks : MemoryPool<byte>
    {
        private const int BlockSize = 64 * 1024;

        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockSize));

        protected override void Dispose(bool disposing)
        {
            // The blocks are the shared pool's.
        }
    }
}
