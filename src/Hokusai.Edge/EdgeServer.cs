using System.Net;
using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Edge;

/// <summary>The AWS Application Load Balancer in miniature: listener rules, forwarding, and the status codes that it makes itself.</summary>
public sealed class EdgeServer : IDisposable
{
    private readonly RoutingTable _table;
    private readonly Dictionary<string, string> _targets;
    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _client;
    private readonly EdgeTransformer _transformer;
    private readonly ForwarderRequestConfig _config;
    private readonly ILogger _logger;

    /// <summary>Starts the edge.</summary>
    /// <param name="options">Settings, see <see cref="EdgeOptions.Faults"/>.</param>
    /// <param name="table">The checked table.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    public EdgeServer(EdgeOptions options, RoutingTable table, TimeProvider time, ILoggerFactory loggers)
    {
        _table = table;
        _logger = loggers.CreateLogger("Hokusai.Edge");
        _targets = table.Targets.ToDictionary(t => t.Key, t => options.Targets.TryGetValue(t.Key, out var address) ? address.TrimEnd('/') : $"http://127.0.0.1:{t.Value.Port}");
        _services = new ServiceCollection().AddSingleton(loggers).AddLogging().AddHttpForwarder().BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            // As the listener reads them: header bytes beyond ASCII pass as they are.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            // The load balancer gives a target 10 s to accept a connection.
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = options.IdleTimeout,
        });
        _transformer = new EdgeTransformer(table, time);
        _config = new ForwarderRequestConfig { ActivityTimeout = options.IdleTimeout, Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, AllowResponseBuffering = false };
    }

    /// <summary>Answers one request.</summary>
    /// <param name="http">The request.</param>
    public async Task HandleAsync(HttpContext http)
    {
        if (HttpMethods.IsTrace(http.Request.Method))
        {
            await OwnPageAsync(http, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed");
            return;
        }
        var raw = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = RawTarget.PathOf(raw).ToString();
        // CONNECT's host:port and OPTIONS' asterisk are no paths: behind a target's address they would make another address.
        if (!path.StartsWith('/'))
        {
            await FixedResponseAsync(http);
            return;
        }
        var peer = http.Connection.RemoteIpAddress;
        if (peer is { IsIPv4MappedToIPv6: true }) peer = peer.MapToIPv4();
        var rule = _table.Match(new ListenerRequest
        {
            Method = http.Request.Method,
            Path = path,
            Query = RawTarget.QueryOf(raw).ToString(),
            Host = http.Request.Host.Host,
            Source = peer,
            Header = name => http.Request.Headers[name].OfType<string>(),
        });
        if (rule?.Action is not ForwardAction forward)
        {
            await FixedResponseAsync(http);
            return;
        }
        http.Items[typeof(ListenerRule)] = rule;
        var target = _targets[forward.Choose(Random.Shared.Next(forward.TotalWeight)) ?? forward.Targets[0].Target];
        var error = await _forwarder.SendAsync(http, target, _client, _config, _transformer);
        if (error != ForwarderError.None) await FailAsync(http, error, rule, target, KeyRedactor.Redact(path));
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _services.Dispose();
    }

    /// <summary>The load balancer's own status: 504 for silence, 502 for a target that refuses, breaks off or answers nonsense.</summary>
    /// <remarks>Source: AWS, "Troubleshoot your Application Load Balancers".</remarks>
    private async Task FailAsync(HttpContext http, ForwarderError error, ListenerRule rule, string target, string path)
    {
        // When the target breaks off half-way it is the forwarder that hung up on the client.
        if (http.RequestAborted.IsCancellationRequested && error != ForwarderError.ResponseBodyDestination) return;
        Log.TargetFailed(_logger, http.Request.Method, path, rule.Name, target, error, http.GetForwarderErrorFeature()?.Exception?.GetBaseException().Message ?? "");
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }
        http.Response.Clear();
        if (error == ForwarderError.RequestTimedOut) await OwnPageAsync(http, StatusCodes.Status504GatewayTimeout, "Gateway Time-out");
        else if (error == ForwarderError.RequestBodyClient) await OwnPageAsync(http, StatusCodes.Status400BadRequest, "Bad Request");
        else await OwnPageAsync(http, StatusCodes.Status502BadGateway, "Bad Gateway");
    }

    private Task FixedResponseAsync(HttpContext http)
    {
        var response = ((FixedResponseAction)_table.Default).Response;
        http.Response.StatusCode = response.Status;
        http.Response.ContentType = response.ContentType;
        http.Response.ContentLength = Encoding.UTF8.GetByteCount(response.Body);
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(response.Body, http.RequestAborted);
    }

    private static Task OwnPageAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html";
        var page = $"<html><head><title>{status} {reason}</title></head><body><center><h1>{status} {reason}</h1></center></body></html>";
        http.Response.ContentLength = page.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(page, http.RequestAborted);
    }
}
