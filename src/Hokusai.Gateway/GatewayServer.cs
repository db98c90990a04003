using System.Net;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Health;
using Hokusai.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway;

/// <summary>The API service: checks keys and scopes, and forwards to MLflow. Holds nothing that must survive it.</summary>
public sealed class GatewayServer : IAsyncDisposable
{
    private readonly GatewayPipeline _pipeline;
    private readonly UpstreamForwarder _forwarder;
    private readonly UpstreamAddresses _addresses;
    private readonly AuthClient _auth;
    private readonly RevocationFeed _revocations;
    private volatile bool _draining;

    /// <summary>Starts the gateway.</summary>
    /// <param name="options">Checked settings, see <see cref="GatewayOptions.Faults"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    public GatewayServer(GatewayOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger("Hokusai.Gateway");
        _auth = new AuthClient(options, time);
        _addresses = UpstreamAddresses.Create(new Uri(options.Upstream), options.Discovery with { AllowAddressLiteral = options.AllowAddressLiteral }, time, logger);
        _forwarder = new UpstreamForwarder(options, _addresses, time);
        var verdicts = new KeyVerdicts(_auth.ValidateAsync, options, time, logger);
        _revocations = new RevocationFeed(_auth, verdicts, time, logger);
        _pipeline = new GatewayPipeline(
            options,
            new OwnEndpoints(_forwarder, () => _draining),
            new Admission.Admission(verdicts, time),
            _forwarder,
            new ClientAddress(options.TrustedProxies.Select(n => IPNetwork.Parse(n))),
            new RequestLog(logger, time),
            time,
            logger);
        _revocations.Start();
        Log.Started(logger, options.Upstream, options.AuthService);
    }

    /// <summary>Answers one request.</summary>
    /// <param name="http">The request.</param>
    public Task HandleAsync(HttpContext http) => _pipeline.HandleAsync(http);

    /// <summary>Turns readiness to 503, so that no new work is sent here. Requests go on being served.</summary>
    public void BeginDrain() => _draining = true;

    /// <summary>Stops the background work and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _revocations.DisposeAsync();
        await _forwarder.DisposeAsync();
        await _addresses.DisposeAsync();
        _auth.Dispose();
    }
}
