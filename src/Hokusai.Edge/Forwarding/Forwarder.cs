using System.Net;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Edge.Answers;
using Hokusai.Edge.Balancing;
using Hokusai.Edge.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Edge.Forwarding;

/// <summary>Sends requests to targets and answers for them where that fails.</summary>
internal sealed class Forwarder : IDisposable
{
    // The connection's idle timeout ends what is silent; the library's own timer must never come before it.
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromDays(1), Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, AllowResponseBuffering = false };

    private readonly EdgeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _client;

    public Forwarder(EdgeOptions options, TimeProvider time, ILoggerFactory loggers, ILogger logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _services = new ServiceCollection().AddSingleton(loggers).AddLogging().AddHttpForwarder().BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
        _client = TargetConnections.Create(options.IdleTimeout, time);
    }

    /// <summary>Sends a request to a target of a group.</summary>
    /// <param name="http">The request.</param>
    /// <param name="group">The group.</param>
    /// <param name="rule">Name of the rule, for the log.</param>
    /// <param name="path">Path and query for the target.</param>
    /// <param name="host">Host header for the target.</param>
    public async Task SendAsync(HttpContext http, TargetSet group, string rule, string path, string host)
    {
        if (group.Choose() is not { } target)
        {
            Log.NoTarget(_logger, http.Request.Method, PathOf(http), rule, $"target group '{group.Group.Name}' has no registered target");
            await OwnPage.WriteAsync(http, StatusCodes.Status503ServiceUnavailable);
            return;
        }
        await using var body = http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? new BodyWatch(http.Request.Body, _options.IdleTimeout, _time) : null;
        if (body is not null) http.Request.Body = body;
        target.Begin();
        try
        {
            var error = await _forwarder.SendAsync(http, target.Address.Url, _client, Config, new RequestTransform(_options, path, host, _time.GetUtcNow()), target.Cut);
            if (error != ForwarderError.None) await FailAsync(http, error, rule, target);
        }
        finally
        {
            group.End(target);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _services.Dispose();
    }

    private async Task FailAsync(HttpContext http, ForwarderError error, string rule, Target target)
    {
        if (error == ForwarderError.RequestCreation)
        {
            // Nothing was sent: the client wrote what can't be written again, such as a host with a port beyond 65535.
            Log.RequestRefused(_logger, http.Request.Method, PathOf(http), StatusCodes.Status400BadRequest);
            await OwnPage.WriteAsync(http, StatusCodes.Status400BadRequest);
            return;
        }
        var status = FailedForward.StatusOf(http, error, target.Cut.IsCancellationRequested);
        if (status == FailedForward.ClientWentAway)
        {
            Log.ClientWentAway(_logger, http.Request.Method, PathOf(http), rule, target.Address.Url);
            return;
        }
        Log.TargetFailed(_logger, http.Request.Method, PathOf(http), rule, target.Address.Url, error, status, http.GetForwarderErrorFeature()?.Exception?.GetBaseException().Message ?? "");
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }
        http.Response.Clear();
        await OwnPage.WriteAsync(http, status);
    }

    private static string PathOf(HttpContext http) => KeyRedactor.Redact(RawTarget.PathOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).ToString());
}
