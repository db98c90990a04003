namespace Hokusai.Gateway.Telemetry;

/// <summary>How OTLP is spoken.</summary>
public enum OtlpTransport
{
    /// <summary>gRPC, usually port 4317.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP, usually port 4318.</summary>
    HttpProtobuf,
}

/// <summary>What the gateway tells of itself, to whom, and how long it remembers.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Name of the service in traces, metrics and EMF lines.</summary>
    /// <value>Default <c>hokusai-gateway</c>.</value>
    public string ServiceName { get; init; } = "hokusai-gateway";

    /// <summary>Where OTLP goes: traces and metrics.</summary>
    /// <value>An http or https address without a signal's path, such as <c>http://localhost:4317</c>; default none, nothing is exported then.</value>
    public string? OtlpEndpoint { get; init; }

    /// <summary>How OTLP is spoken.</summary>
    /// <value>Default <see cref="OtlpTransport.Grpc"/>.</value>
    public OtlpTransport OtlpTransport { get; init; } = OtlpTransport.Grpc;

    /// <summary>How many of the traces that begin here are taken. A caller's own decision goes before it.</summary>
    /// <value>0 to 1, default 1.</value>
    public double TraceRatio { get; init; } = 1;

    /// <summary>Whether metrics go to standard output as CloudWatch EMF lines.</summary>
    /// <value>Default false.</value>
    public bool Emf { get; init; }

    /// <summary>How often EMF lines are written.</summary>
    /// <value>1 s to 1 h, default 60 s.</value>
    public TimeSpan EmfInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>CloudWatch namespace of the EMF lines.</summary>
    /// <value>1 to 256 of the characters A-Z a-z 0-9 . - _ / # :, default <c>Hokusai/Gateway</c>.</value>
    public string EmfNamespace { get; init; } = "Hokusai/Gateway";

    /// <summary>How many requests are remembered for <c>hokusai why</c>, failed or not.</summary>
    /// <value>100 to 1,000,000, default 10,000.</value>
    public int RecentRequests { get; init; } = 10_000;

    /// <summary>How long failed requests are remembered.</summary>
    /// <value>1 min to 24 h, default 1 h.</value>
    public TimeSpan FailureMemory { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many failed requests are remembered at most.</summary>
    /// <value>100 to 1,000,000, default 50,000.</value>
    public int MostFailures { get; init; } = 50_000;

    /// <summary>How much memory failed requests may take, by estimate.</summary>
    /// <value>Bytes, 64 KiB to 1 GiB, default 64 MiB.</value>
    public long MostFailureBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long debug logging stays on when nobody says.</summary>
    /// <value>1 min to 24 h, default 15 min.</value>
    public TimeSpan DebugLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(ServiceName)) faults.Add("gateway telemetryServiceName: is empty; write a name such as hokusai-gateway");
        CheckEndpoint(faults);
        OptionRange.Check(faults, "traceRatio", TraceRatio, 0, 1);
        OptionRange.Check(faults, "emfInterval", EmfInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (EmfNamespace.Length is 0 or > 256 || !EmfNamespace.All(c => char.IsAsciiLetterOrDigit(c) || ".-_/#:".Contains(c, StringComparison.Ordinal)))
            faults.Add($"gateway emfNamespace '{EmfNamespace}': must be 1 to 256 letters, digits and .-_/#:");
        OptionRange.Check(faults, "recentRequests", RecentRequests, 100, 1_000_000);
        OptionRange.Check(faults, "failureMemory", FailureMemory, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24));
        OptionRange.Check(faults, "mostFailures", MostFailures, 100, 1_000_000);
        OptionRange.Check(faults, "mostFailureBytes", MostFailureBytes, 64 * 1024, 1 << 30);
        OptionRange.Check(faults, "debugLifetime", DebugLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24));
        return faults;
    }

    private void CheckEndpoint(List<string> faults)
    {
        if (OtlpEndpoint is null) return;
        if (!Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            faults.Add($"gateway otlpEndpoint '{OtlpEndpoint}': is no http or https address; write http://HOST:4317");
        else if (address.UserInfo.Length > 0)
            faults.Add("gateway otlpEndpoint: holds a user or password; take it out, credentials do not belong in addresses");
    }
}
