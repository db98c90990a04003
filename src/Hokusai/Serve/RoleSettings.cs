using Hokusai.Edge;
using Hokusai.Gateway;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Sessions;
using Hokusai.Gateway.Shield;
using Hokusai.Gateway.Telemetry;
using Hokusai.Keys;

namespace Hokusai.Serve;

/// <summary>
/// The options of each role from file and environment, one line an option. The names are for good and flat, whatever record holds the
/// option; docs/configuration.md lists them. An option that is missing here fails a test.
/// </summary>
internal static class RoleSettings
{
    public static GatewayOptions Gateway(Settings settings)
    {
        var standard = new GatewayOptions();
        return new GatewayOptions
        {
            Upstream = settings.Text("upstream", standard.Upstream),
            AllowAddressLiteral = settings.Flag("allowAddressLiteral", standard.AllowAddressLiteral),
            UpstreamCredential = settings.Choice("upstreamCredential", standard.UpstreamCredential),
            ServiceToken = settings.TextOrNull("serviceToken"),
            Discovery = Discovery(settings),
            Pool = Pool(settings),
            Resilience = new ResilienceOptions { Deadlines = Deadlines(settings), Retries = Retries(settings), Breaker = Breaker(settings) },
            MetadataIdle = settings.Time("metadataIdle", standard.MetadataIdle),
            ArtifactIdle = settings.Time("artifactIdle", standard.ArtifactIdle),
            LargestMetadataBody = settings.Number("largestMetadataBody", standard.LargestMetadataBody),
            Shield = Shield(settings),
            Redis = settings.TextOrNull("redis"),
            Limits = Limits(settings),
            Sessions = Sessions(settings),
            Telemetry = Telemetry(settings),
            AuthService = settings.Text("authService", standard.AuthService),
            ServiceId = settings.Text("serviceId", standard.ServiceId),
            VerdictLifetime = settings.Time("verdictLifetime", standard.VerdictLifetime),
            RefusalLifetime = settings.Time("refusalLifetime", standard.RefusalLifetime),
            StaleVerdictLifetime = settings.Time("staleVerdictLifetime", standard.StaleVerdictLifetime),
            Verdicts = Verdicts(settings),
            AuthDeadline = settings.Time("authDeadline", standard.AuthDeadline),
            TrustedProxies = settings.List("trustedProxies", standard.TrustedProxies),
        };
    }

    public static KeysOptions Keys(Settings settings)
    {
        var standard = new KeysOptions();
        return new KeysOptions
        {
            StoreUri = settings.Text("storeUri", standard.StoreUri),
            PepperFile = settings.Text("pepperFile", standard.PepperFile),
            Peppers = settings.List("peppers", standard.Peppers),
            SecretsEndpoint = settings.TextOrNull("secretsEndpoint"),
            SecretsDeadline = settings.Time("secretsDeadline", standard.SecretsDeadline),
            Services = settings.List("services", standard.Services),
            AdminHost = settings.Text("adminHost", standard.AdminHost),
            AdminPort = settings.Count("adminPort", standard.AdminPort),
            RotationOverlap = settings.Time("rotationOverlap", standard.RotationOverlap),
            RotationSilence = settings.Time("rotationSilence", standard.RotationSilence),
        };
    }

    public static EdgeOptions Edge(Settings settings) => Edge(settings, new EdgeOptions());

    /// <summary>The same where what is not set comes from elsewhere, such as an applied state.</summary>
    public static EdgeOptions Edge(Settings settings, EdgeOptions standard) => new()
    {
        RoutesFile = settings.Text("routesFile", standard.RoutesFile),
        Targets = settings.Map("targets").ToDictionary(t => t.Key, t => (IReadOnlyList<string>)t.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
        DirectAccessNetworks = settings.List("directAccessNetworks", standard.DirectAccessNetworks),
        IdleTimeout = settings.Time("idleTimeout", standard.IdleTimeout),
        XffHeaderProcessingMode = settings.Choice("xffHeaderProcessingMode", standard.XffHeaderProcessingMode),
        XffClientPort = settings.Flag("xffClientPort", standard.XffClientPort),
        PreserveHostHeader = settings.Flag("preserveHostHeader", standard.PreserveHostHeader),
        DropInvalidHeaderFields = settings.Flag("dropInvalidHeaderFields", standard.DropInvalidHeaderFields),
    };

    private static VerdictOptions Verdicts(Settings settings)
    {
        var standard = new VerdictOptions();
        return new VerdictOptions
        {
            StaleReads = settings.Choice("staleReads", standard.StaleReads),
            StaleWrites = settings.Choice("staleWrites", standard.StaleWrites),
            StaleReadsLifetime = settings.Time("staleReadsLifetime", standard.StaleReadsLifetime),
            StaleWritesLifetime = settings.Time("staleWritesLifetime", standard.StaleWritesLifetime),
            MostVerdicts = settings.Count("mostVerdicts", standard.MostVerdicts),
            MostRefusals = settings.Count("mostRefusals", standard.MostRefusals),
            MostQuestions = settings.Count("mostQuestions", standard.MostQuestions),
            DenyListFile = settings.TextOrNull("denyListFile"),
        };
    }

    private static DiscoveryOptions Discovery(Settings settings)
    {
        var standard = new DiscoveryOptions();
        return new DiscoveryOptions
        {
            Mode = settings.Choice("discoveryMode", standard.Mode),
            Addresses = settings.List("upstreamAddresses", standard.Addresses),
            AllowAddressLiteral = settings.Flag("allowAddressLiteral", standard.AllowAddressLiteral),
            Record = settings.Choice("dnsRecord", standard.Record),
            NameServers = settings.List("nameServers", standard.NameServers),
            LeastTtl = settings.Time("leastDnsTtl", standard.LeastTtl),
            MostTtl = settings.Time("mostDnsTtl", standard.MostTtl),
            NegativeTtl = settings.Time("negativeDnsTtl", standard.NegativeTtl),
            StaleLifetime = settings.Time("staleAddressLifetime", standard.StaleLifetime),
            QueryDeadline = settings.Time("dnsQueryDeadline", standard.QueryDeadline),
            FirstDeadline = settings.Time("firstResolutionDeadline", standard.FirstDeadline),
        };
    }

    private static PoolOptions Pool(Settings settings)
    {
        var standard = new PoolOptions();
        return new PoolOptions
        {
            ConnectDeadline = settings.Time("connectDeadline", standard.ConnectDeadline),
            ConnectionLifetime = settings.Time("connectionLifetime", standard.ConnectionLifetime),
            IdleLifetime = settings.Time("idleConnectionLifetime", standard.IdleLifetime),
            MostIdle = settings.Count("mostIdleConnections", standard.MostIdle),
            FirstEjection = settings.Time("firstEjection", standard.FirstEjection),
            LongestEjection = settings.Time("longestEjection", standard.LongestEjection),
        };
    }

    private static DeadlineOptions Deadlines(Settings settings)
    {
        var standard = new DeadlineOptions();
        return new DeadlineOptions
        {
            Attempt = settings.Time("attemptDeadline", standard.Attempt),
            Total = settings.Time("totalDeadline", standard.Total),
            LoadBalancerIdle = settings.Time("loadBalancerIdle", standard.LoadBalancerIdle),
        };
    }

    private static RetryOptions Retries(Settings settings)
    {
        var standard = new RetryOptions();
        return new RetryOptions
        {
            MostRetries = settings.Count("mostRetries", standard.MostRetries),
            BaseWait = settings.Time("retryBaseWait", standard.BaseWait),
            LongestWait = settings.Time("retryLongestWait", standard.LongestWait),
            RetryingShare = settings.Share("retryingShare", standard.RetryingShare),
            LeastRetrying = settings.Count("leastRetrying", standard.LeastRetrying),
        };
    }

    private static CircuitBreakerOptions Breaker(Settings settings)
    {
        var standard = new CircuitBreakerOptions();
        return new CircuitBreakerOptions
        {
            FailureRatio = settings.Share("breakerFailureRatio", standard.FailureRatio),
            Window = settings.Time("breakerWindow", standard.Window),
            LeastCalls = settings.Count("breakerLeastCalls", standard.LeastCalls),
            OpenFor = settings.Time("breakerOpenFor", standard.OpenFor),
            LongestOpen = settings.Time("breakerLongestOpen", standard.LongestOpen),
            ProbeDeadline = settings.Time("breakerProbeDeadline", standard.ProbeDeadline),
        };
    }

    private static LimitOptions Limits(Settings settings)
    {
        var standard = new LimitOptions();
        return new LimitOptions
        {
            RateLimitPerHour = settings.Count("rateLimitPerHour", standard.RateLimitPerHour),
            BurstShare = settings.Share("rateLimitBurstShare", standard.BurstShare),
            LeastBurst = settings.Count("rateLimitLeastBurst", standard.LeastBurst),
            FailedAttemptsPerMinute = settings.Count("failedAttemptsPerMinute", standard.FailedAttemptsPerMinute),
            FailedAttemptsBurst = settings.Count("failedAttemptsBurst", standard.FailedAttemptsBurst),
            MostEntries = settings.Count("limitMostEntries", standard.MostEntries),
            RedisDeadline = settings.Time("limitRedisDeadline", standard.RedisDeadline),
            NeedRedis = settings.Flag("limitsNeedRedis", standard.NeedRedis),
        };
    }

    private static ShieldOptions Shield(Settings settings)
    {
        var standard = new ShieldOptions();
        return new ShieldOptions
        {
            Enabled = settings.Flag("shieldEnabled", standard.Enabled),
            Window = settings.Time("shieldWindow", standard.Window),
            LongestWait = settings.Time("shieldLongestWait", standard.LongestWait),
            Settle = settings.Time("shieldSettle", standard.Settle),
            LongestFlight = settings.Time("shieldLongestFlight", standard.LongestFlight),
            LongestDelivery = settings.Time("shieldLongestDelivery", standard.LongestDelivery),
            LargestRequest = settings.Count("shieldLargestRequest", standard.LargestRequest),
            LargestAnswer = settings.Count("shieldLargestAnswer", standard.LargestAnswer),
            MostEntries = settings.Count("shieldMostEntries", standard.MostEntries),
            MostBytes = settings.Number("shieldMostBytes", standard.MostBytes),
            RedisDeadline = settings.Time("shieldRedisDeadline", standard.RedisDeadline),
            RedisPoll = settings.Time("shieldRedisPoll", standard.RedisPoll),
        };
    }

    private static SessionOptions Sessions(Settings settings) => new()
    {
        Secret = settings.TextOrNull("sessionSecret"),
        SecretFile = settings.TextOrNull("sessionSecretFile"),
        Lifetime = settings.Time("sessionLifetime", new SessionOptions().Lifetime),
    };

    private static TelemetryOptions Telemetry(Settings settings)
    {
        var standard = new TelemetryOptions();
        return new TelemetryOptions
        {
            ServiceName = settings.Text("telemetryServiceName", standard.ServiceName),
            OtlpEndpoint = settings.TextOrNull("otlpEndpoint"),
            OtlpTransport = settings.Choice("otlpTransport", standard.OtlpTransport),
            TraceRatio = settings.Share("traceRatio", standard.TraceRatio),
            Emf = settings.Flag("emf", standard.Emf),
            EmfInterval = settings.Time("emfInterval", standard.EmfInterval),
            EmfNamespace = settings.Text("emfNamespace", standard.EmfNamespace),
            RecentRequests = settings.Count("recentRequests", standard.RecentRequests),
            FailureMemory = settings.Time("failureMemory", standard.FailureMemory),
            MostFailures = settings.Count("mostFailures", standard.MostFailures),
            MostFailureBytes = settings.Number("mostFailureBytes", standard.MostFailureBytes),
            DebugLifetime = settings.Time("debugLifetime", standard.DebugLifetime),
        };
    }
}
