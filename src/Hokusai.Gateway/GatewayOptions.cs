using System.Net;

namespace Hokusai.Gateway;

/// <summary>Settings of the gateway.</summary>
public sealed record GatewayOptions
{
    /// <summary>The MLflow server behind the gateway.</summary>
    /// <value>An http or https address by name, with a path if MLflow lives below one; default <c>http://mlflow.hokusai.local:5000</c>.</value>
    public string Upstream { get; init; } = "http://mlflow.hokusai.local:5000";

    /// <summary>Whether the upstream may be named by a private IP address. Such an address dies with the next deployment, so it is refused unless asked for.</summary>
    /// <value>Default false; loopback addresses are always allowed.</value>
    public bool AllowAddressLiteral { get; init; }

    /// <summary>How the upstream's addresses are found.</summary>
    public Discovery.DiscoveryOptions Discovery { get; init; } = new();

    /// <summary>Deadlines, retries and breakers.</summary>
    public Resilience.ResilienceOptions Resilience { get; init; } = new();

    /// <summary>The replay shield.</summary>
    public Shield.ShieldOptions Shield { get; init; } = new();

    /// <summary>Rate limits.</summary>
    public Limits.LimitOptions Limits { get; init; } = new();

    /// <summary>Redis that several gateways share for the replay shield and for limits, in StackExchange.Redis' form (<c>HOST:PORT,password=…</c>). Never shown.</summary>
    /// <value>Default none: one gateway keeps its accounts in memory.</value>
    public string? Redis { get; init; }

    /// <summary>Browsers' sessions.</summary>
    public Sessions.SessionOptions Sessions { get; init; } = new();

    /// <summary>Metrics, traces, journal and debug log.</summary>
    public Telemetry.TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>How its connections are kept.</summary>
    public Forwarding.Http1.PoolOptions Pool { get; init; } = new();

    /// <summary>What goes upstream in place of the client's credential.</summary>
    /// <value>Default <see cref="Gateway.UpstreamCredential.Strip"/>.</value>
    public UpstreamCredential UpstreamCredential { get; init; } = UpstreamCredential.Strip;

    /// <summary>The whole <c>Authorization</c> header that goes upstream with <see cref="Gateway.UpstreamCredential.ServiceToken"/>.</summary>
    /// <value>For example a Basic credential of a protected MLflow; default none. Never shown.</value>
    public string? ServiceToken { get; init; }

    /// <summary>The auth service.</summary>
    /// <value>An http or https address; default <c>http://auth.hokusai.local:8002</c>.</value>
    public string AuthService { get; init; } = "http://auth.hokusai.local:8002";

    /// <summary>The id by which the auth service knows this gateway.</summary>
    /// <value>Default <c>hokusai-gateway</c>.</value>
    public string ServiceId { get; init; } = "hokusai-gateway";

    /// <summary>How long a good verdict on a key is used without asking again.</summary>
    /// <value>1 s to 1 h, default 60 s. Revocations are pushed and do not wait for it.</value>
    public TimeSpan VerdictLifetime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a refusal is used without asking again.</summary>
    /// <value>0 to 5 min, default 5 s.</value>
    public TimeSpan RefusalLifetime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a good verdict is still used while the auth service is away. Never for keys not seen before.</summary>
    /// <value>0 to 24 h, default 15 min.</value>
    public TimeSpan StaleVerdictLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What is remembered of keys.</summary>
    public Admission.VerdictOptions Verdicts { get; init; } = new();

    /// <summary>Deadline of one question to the auth service.</summary>
    /// <value>100 ms to 30 s, default 5 s.</value>
    public TimeSpan AuthDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a metadata request may be without a byte in either direction.</summary>
    /// <value>1 s to 55 s, default 30 s: below the load balancer's idle timeout of 60 s.</value>
    public TimeSpan MetadataIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an artifact transfer may be without a byte. There is no limit on its whole time.</summary>
    /// <value>1 s to 59 s, default 55 s: below the load balancer's idle timeout of 60 s.</value>
    public TimeSpan ArtifactIdle { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>Largest body of a metadata request.</summary>
    /// <value>Bytes, 1 KiB to 1 GiB, default 16 MiB. Artifacts have no limit.</value>
    public long LargestMetadataBody { get; init; } = 16 * 1024 * 1024;

    /// <summary>Peers whose <c>X-Forwarded-For</c> is believed: the load balancer's networks.</summary>
    /// <value>Networks in CIDR form; default loopback and the private networks.</value>
    public IReadOnlyList<string> TrustedProxies { get; init; } = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        CheckAddress(faults, "gateway upstream", Upstream, AllowAddressLiteral);
        CheckAddress(faults, "gateway authService", AuthService, allowLiteral: true);
        if (UpstreamCredential == UpstreamCredential.ServiceToken && string.IsNullOrWhiteSpace(ServiceToken)) faults.Add("gateway serviceToken: missing; upstreamCredential serviceToken needs the Authorization header to send");
        if (string.IsNullOrWhiteSpace(ServiceId)) faults.Add("gateway serviceId: is empty; give the id that the auth service knows, such as hokusai-gateway");
        OptionRange.Check(faults, "verdictLifetime", VerdictLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        OptionRange.Check(faults, "refusalLifetime", RefusalLifetime, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        OptionRange.Check(faults, "staleVerdictLifetime", StaleVerdictLifetime, TimeSpan.Zero, TimeSpan.FromHours(24));
        OptionRange.Check(faults, "authDeadline", AuthDeadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        OptionRange.Check(faults, "metadataIdle", MetadataIdle, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(55));
        OptionRange.Check(faults, "artifactIdle", ArtifactIdle, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(59));
        OptionRange.CheckShorter(faults, "connectDeadline", Pool.ConnectDeadline, "metadataIdle", MetadataIdle);
        OptionRange.CheckShorter(faults, "connectDeadline", Pool.ConnectDeadline, "attemptDeadline", Resilience.Deadlines.Attempt);
        faults.AddRange((Discovery with { AllowAddressLiteral = AllowAddressLiteral }).Faults());
        faults.AddRange(Pool.Faults().Concat(Verdicts.Faults()).Concat(Resilience.Faults()).Concat(Shield.Faults()).Concat(Limits.Faults()).Concat(Sessions.Faults()).Concat(Telemetry.Faults()));
        if (Redis is { Length: > 0 } redis && Hokusai.Gateway.Shield.RedisSetting.Fault(redis) is { } fault) faults.Add(fault);
        if (Limits.NeedRedis && string.IsNullOrEmpty(Redis)) faults.Add("gateway limitsNeedRedis true: there is no Redis to need; set redis, or leave it false");
        OptionRange.CheckShorter(faults, "limitRedisDeadline", Limits.RedisDeadline, "attemptDeadline", Resilience.Deadlines.Attempt);
        OptionRange.Check(faults, "largestMetadataBody", LargestMetadataBody, 1024, 1 << 30);
        foreach (var network in TrustedProxies.Where(n => !IPNetwork.TryParse(n, out _))) faults.Add($"gateway trustedProxies '{network}': is no network; write it as 10.0.0.0/8");
        return faults;
    }

    /// <summary>Where it stands: a record prints all that it holds, and the service token must not be among it.</summary>
    public override string ToString() => $"gateway in front of {Upstream}";

    private static void CheckAddress(List<string> faults, string key, string value, bool allowLiteral)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            faults.Add($"{key} '{value}': is no http or https address; write http://NAME:PORT");
        else if (address.UserInfo.Length > 0)
            faults.Add($"{key}: holds a user or password; take it out, credentials do not belong in addresses");
        else if (!allowLiteral && IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && !IPAddress.IsLoopback(ip))
            faults.Add($"{key} '{value}': names an IP address, which dies with the next deployment; give the service's name (http://mlflow.hokusai.local:5000), or set allowAddressLiteral");
    }
}

/// <summary>What goes upstream in place of the client's credential.</summary>
public enum UpstreamCredential
{
    /// <summary>Nothing: the upstream trusts the gateway's network.</summary>
    Strip,

    /// <summary>The client's own credential, as it came.</summary>
    Forward,

    /// <summary>The gateway's own credential.</summary>
    ServiceToken,
}
