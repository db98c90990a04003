using System.Net;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Connections;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Health;
using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Sessions;
using Hokusai.Gateway.Shield;
using Hokusai.Gateway.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Hokusai.Gateway;

/// <summary>The API service: checks keys and scopes, and forwards to MLflow. Holds nothing that must survive it.</summary>
public sealed class GatewayServer : IAsyncDisposable
{
    private readonly GatewayPipeline _pipeline;
    private readonly UpstreamAddresses _addresses;
    private readonly UpstreamPools _pools;
    private readonly UpstreamHealth _health;
    private readonly AuthClient _auth;
    private readonly KeyVerdicts _verdicts;
    private readonly RevocationFeed _revocations;
    private readonly AuthSetupCheck _setup;
    private readonly DenyListFile _denied;
    private readonly KeyUseReport _uses;
    private readonly GatewayTelemetry _telemetry;
    private readonly Drain _drain;
    private readonly DependencyWatch _authWatch;
    private readonly SharedShieldStore? _redis;
    private readonly string _serviceId;

    /// <summary>Connection middleware that the gateway's socket needs: below HTTP it can be seen whether an answer arrived. Without it every answer counts as delivered.</summary>
    public static ConnectionDelegate WatchConnection(ConnectionDelegate next) => ClientConnection.Watch(next);

    /// <summary>The memory that the gateway's socket should receive into: artifacts come and go in larger pieces than metadata.</summary>
    /// <param name="usual">Makes the server's own.</param>
    public static IMemoryPoolFactory<byte> ReceiveMemory(IMemoryPoolFactory<byte> usual) => new UploadBlockFactory(usual);

    private GatewayServer(GatewayOptions options, IShieldStore accounts, SessionSeal seal, IConnectionMultiplexer? redis, TimeProvider time, ILogger logger)
    {
        _telemetry = new GatewayTelemetry(options.Telemetry, time, logger, Console.Out);
        _drain = new Drain(() => _telemetry.Metrics.InFlight, time);
        _auth = new AuthClient(options, time);
        _authWatch = new DependencyWatch("auth", time);
        _redis = accounts as SharedShieldStore;
        _serviceId = options.ServiceId;
        _addresses = UpstreamAddresses.Create(new Uri(options.Upstream), options.Discovery with { AllowAddressLiteral = options.AllowAddressLiteral }, time, logger);
        _pools = new UpstreamPools(new Uri(options.Upstream), options.Pool, time);
        var breakers = new Breakers(options.Resilience.Breaker, time, logger, _telemetry.Metrics.BreakerOpened);
        _health = new UpstreamHealth(options, _addresses, _pools, breakers.HastenUpstream, time);
        var budget = new RetryBudget(options.Resilience.Retries);
        var sender = new RetryingSender(new AttemptRunner(_addresses, _pools, time), breakers, budget, options, _telemetry.Metrics.RetryRefused, time);
        var shield = new ReplayShield(accounts, options.Shield, time, logger);
        var creates = new ShieldedCreate(shield, sender, options.Shield, options.Resilience.Deadlines, time);
        _verdicts = new KeyVerdicts((key, client) => GuardedAsync(breakers.Auth, key, client, time), options, time, logger);
        _revocations = new RevocationFeed(_auth, _verdicts, breakers.Auth.Hasten, time, logger);
        _setup = new AuthSetupCheck(_auth, options, time, logger);
        _denied = new DenyListFile(options.Verdicts.DenyListFile, time, logger);
        _uses = new KeyUseReport(_auth.ReportAsync, time, logger);
        var limits = new RequestLimits(options.Limits, redis, _telemetry.Metrics, time, logger, Random.Shared.NextDouble);
        var clients = new ClientAddress(options.TrustedProxies.Select(n => IPNetwork.Parse(n)));
        var sessions = new BrowserSessions(seal, options.Sessions, clients, time);
        var admission = new Admission.Admission(_verdicts, _denied, limits.Attempts, sessions, time, logger);
        _pipeline = new GatewayPipeline(
            options,
            new OwnEndpoints(_health, _setup, new DependenciesEndpoint(new GatewayDependencies(options, _health, _authWatch, _addresses, _redis, limits.Redis, breakers).All, time), _telemetry, new LimitReadiness(limits.Redis, options.Limits), () => _drain.HasBegun),
            admission,
            new SessionEndpoints(sessions, admission, time),
            limits,
            new Authorization.Authorization(options, new UpstreamQuestions(options, sender, time), new UpstreamForwarder(options, sender, creates, time), time),
            clients,
            _uses,
            _telemetry,
            breakers,
            _drain,
            time,
            logger);
        Observe(breakers, budget, shield, time);
        _revocations.Start();
        _setup.Start();
        _uses.Start();
        _health.Start();
        Log.Started(logger, options.Upstream, options.AuthService);
    }

    /// <summary>Starts the gateway.</summary>
    /// <param name="options">Checked settings, see <see cref="GatewayOptions.Faults"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    public static async Task<GatewayServer> StartAsync(GatewayOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger("Hokusai.Gateway");
        var seal = SessionSeal.Load(options.Sessions, logger);
        var memory = new MemoryShieldStore(options.Shield, time, logger);
        var redis = options.Redis is { Length: > 0 } setting ? await RedisShieldStore.ConnectAsync(setting) : null;
        IShieldStore accounts = redis is null ? memory : new SharedShieldStore(new RedisShieldStore(redis, options.Shield, time), memory, time, logger);
        return new GatewayServer(options, accounts, seal, redis, time, logger);
    }

    /// <summary>Answers one request.</summary>
    /// <param name="http">The request.</param>
    public Task HandleAsync(HttpContext http) => _pipeline.HandleAsync(http);

    /// <summary>Turns readiness to 503, so that no new work is sent here. Requests go on being served.</summary>
    public void BeginDrain() => _drain.Begin();

    /// <summary>Refuses new requests, and waits until the running ones have ended.</summary>
    /// <param name="atMost">How long to wait.</param>
    public Task EndDrainAsync(TimeSpan atMost) => _drain.EndAsync(atMost);

    /// <summary>Stops the background work and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _revocations.DisposeAsync();
        await _setup.DisposeAsync();
        await _denied.DisposeAsync();
        await _uses.DisposeAsync();
        _verdicts.Dispose();
        await _health.DisposeAsync();
        await _pools.DisposeAsync();
        await _addresses.DisposeAsync();
        _auth.Dispose();
        if (_redis is not null) await _redis.DisposeAsync();
        await _telemetry.DisposeAsync();
    }

    // While the auth service is silent, waiting for each question's deadline would make every request as slow as it.
    private async Task<KeyVerdict> GuardedAsync(CircuitBreaker breaker, Contracts.Keys.ApiKey key, string client, TimeProvider time)
    {
        if (!breaker.TryEnter(out _, out var isProbe)) return KeyVerdict.Unavailable("It failed most of the last questions and is left alone for a moment.");
        var asked = time.GetTimestamp();
        var verdict = await _auth.ValidateAsync(key, client);
        Note(verdict, time.GetElapsedTime(asked));
        breaker.Record(verdict.Failure != FailurePlace.AuthUnavailable, isProbe, verdict.Detail);
        return verdict;
    }

    private void Note(KeyVerdict verdict, TimeSpan took)
    {
        if (verdict.Failure == FailurePlace.ServiceUnknown) _authWatch.Failed($"It does not know this gateway by its service id {_serviceId}.", took);
        else if (verdict.IsUnavailable) _authWatch.Failed(verdict.Detail ?? "no answer", took);
        else _authWatch.Succeeded(took);
    }

    private void Observe(Breakers breakers, RetryBudget budget, ReplayShield shield, TimeProvider time)
    {
        var metrics = _telemetry.Metrics;
        _addresses.QuestionFailed = metrics.DnsFailed;
        _addresses.StaleUsed = metrics.DnsStaleServed;
        metrics.ObserveDraining(() => _drain.HasBegun);
        metrics.ObservePool(() => _pools.Current.Sum(p => p.Active), () => _pools.Current.Sum(p => p.Idle));
        _verdicts.QuestionTurnedAway = metrics.QuestionTurnedAway;
        metrics.ObserveVerdicts(() => _verdicts.Remembered, () => _verdicts.UnderWay, () => _verdicts.IsTrusted);
        shield.Counts.Counted = metrics.ShieldCounted;
        metrics.ObserveRetryBudget(() => budget.Retrying, () => budget.Allowed);
        metrics.ObserveDnsAge(() => _addresses is { Query: not null, Current: { Addresses.Count: > 0 } known } ? known.AgeAt(time.GetUtcNow()) : null);
        metrics.ObserveBreaker("metadata", () => breakers.Metadata.State);
        metrics.ObserveBreaker("artifacts", () => breakers.Artifacts.State);
        metrics.ObserveBreaker("auth", () => breakers.Auth.State);
    }
}
