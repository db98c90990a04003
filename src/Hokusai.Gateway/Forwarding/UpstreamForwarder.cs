using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Hokusai.Gateway.Catalogue;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Gateway.Forwarding;

/// <summary>Sends a request to MLflow and its answer back, streaming both ways.</summary>
internal sealed class UpstreamForwarder : IDisposable
{
    private readonly IHttpForwarder _forwarder;
    private readonly ServiceProvider _services;
    private readonly HttpMessageInvoker _client;
    private readonly UpstreamTransformer _transformer;
    private readonly ForwarderRequestConfig _metadata;
    private readonly ForwarderRequestConfig _artifacts;
    private readonly string _upstream;
    private readonly TimeProvider _time;

    public UpstreamForwarder(GatewayOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _upstream = options.Upstream.TrimEnd('/');
        _transformer = new UpstreamTransformer(options);
        _services = new ServiceCollection().AddSingleton(loggers).AddLogging().AddHttpForwarder().BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            // The gateway's own log ties the hops together; a trace header made here would name a span that nobody has.
            ActivityHeadersPropagator = null,
            // As the listener reads them: header bytes beyond ASCII pass as they are.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ConnectTimeout = options.ConnectDeadline,
            // Old connections pin old addresses; idle ones must end before the upstream's keep-alive does (uvicorn: 5 s).
            PooledConnectionLifetime = TimeSpan.FromSeconds(30),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3),
            ResponseDrainTimeout = TimeSpan.FromSeconds(2),
            SslOptions = new SslClientAuthenticationOptions { CertificateRevocationCheckMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck },
        });
        _metadata = Config(options.MetadataIdle);
        _artifacts = Config(options.ArtifactIdle);
    }

    /// <summary>Forwards; says where it failed if it did.</summary>
    public async Task<(FailurePlace Place, string? Detail)?> ForwardAsync(HttpContext http, Exchange exchange)
    {
        exchange.Upstream = _upstream;
        exchange.Attempts = 1;
        http.Items[typeof(Exchange)] = exchange;
        var started = _time.GetTimestamp();
        var error = await _forwarder.SendAsync(http, _upstream, _client, exchange.Endpoint!.Body == BodyClass.Artifact ? _artifacts : _metadata, _transformer);
        exchange.UpstreamTook = _time.GetElapsedTime(started);
        return error == ForwarderError.None ? null : Locate(error, http.GetForwarderErrorFeature()?.Exception, http);
    }

    /// <summary>Whether the upstream answers its health check within a deadline.</summary>
    public async Task<bool> IsHealthyAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _upstream + "/health");
            using var answer = await _client.SendAsync(request, either.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _services.Dispose();
    }

    internal static (FailurePlace Place, string? Detail) Locate(ForwarderError error, Exception? exception, HttpContext http)
    {
        if (Find<BadHttpRequestException>(exception) is { StatusCode: StatusCodes.Status413PayloadTooLarge } tooLarge) return (FailurePlace.BodyTooLarge, tooLarge.Message);
        switch (error)
        {
            // Before what asks whether the client is there: the forwarder has hung up on it by now, so that half an answer does not look whole.
            case ForwarderError.ResponseBodyDestination:
                return (FailurePlace.UpstreamReset, null);
            case ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient:
            case var _ when http.RequestAborted.IsCancellationRequested:
                return (FailurePlace.ClientGone, null);
            case ForwarderError.RequestTimedOut:
                // A connect deadline ends as a time-out too, but then nothing was sent.
                return (Find<TimeoutException>(exception) is null ? FailurePlace.UpstreamTimeout : FailurePlace.ConnectFailed, null);
            case ForwarderError.RequestBodyClient:
                return (FailurePlace.RequestMalformed, null);
            case ForwarderError.ResponseHeaders:
                return (FailurePlace.UpstreamMalformed, null);
            default:
                return (LocateConnection(exception), null);
        }
    }

    private static FailurePlace LocateConnection(Exception? exception) => Find<HttpRequestException>(exception)?.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => FailurePlace.UpstreamNameUnknown,
        HttpRequestError.SecureConnectionError => Find<AuthenticationException>(exception) is null ? FailurePlace.ConnectFailed : FailurePlace.UpstreamTls,
        HttpRequestError.ConnectionError => FailurePlace.ConnectFailed,
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded => FailurePlace.UpstreamMalformed,
        HttpRequestError.ResponseEnded => FailurePlace.UpstreamReset,
        _ when Find<IOException>(exception) is not null => FailurePlace.UpstreamReset,
        _ => FailurePlace.Internal,
    };

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception is AggregateException many ? many.InnerExceptions[0] : exception.InnerException)
        {
            if (exception is T found) return found;
        }
        return null;
    }

    private static ForwarderRequestConfig Config(TimeSpan idle) => new()
    {
        ActivityTimeout = idle,
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        AllowResponseBuffering = false,
    };
}
