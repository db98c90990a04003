using System.Diagnostics;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Debugging;

namespace Hokusai.Gateway;

/// <summary>What the stages hand on about one request, and what its log line tells.</summary>
internal sealed class Exchange
{
    /// <summary>Made here, never taken from a client.</summary>
    public string RequestId => field ??= RequestIds.Next(At);

    /// <summary>The client's address, as far as trusted proxies tell it.</summary>
    public string ClientIp { get; init; } = "";

    /// <summary>The raw path as MLflow knows it.</summary>
    public string Path { get; init; } = "";

    public MlflowEndpoint? Endpoint { get; set; }

    /// <summary>The methods that a known path takes, if the request's is none of them.</summary>
    public string? AllowedMethods { get; set; }

    public ValidatedKey? Key { get; set; }

    /// <summary>The key that the request carries, good or not.</summary>
    public ApiKey? PresentedKey { get; set; }

    /// <summary>What the auth service said of it.</summary>
    public KeyVerdict? Verdict { get; set; }

    /// <summary>Header fields that tell the upstream whose request it is.</summary>
    public byte[]? UpstreamContext { get; set; }

    /// <summary>Where the credential was found and how the verdict came about.</summary>
    public string CredentialPlace { get; set; } = "";

    public string VerdictSource { get; set; } = "";

    public TimeSpan AuthTook { get; set; }

    public TimeSpan UpstreamTook { get; set; }

    public string? Upstream { get; set; }

    /// <summary>The attempts at the upstream, in order.</summary>
    public Attempt[] Attempts { get; private set; } = [];

    /// <summary>Seconds after which another try makes sense, where that is known better than from the place of failure.</summary>
    public int? RetryAfter { get; set; }

    /// <summary>Counts its bytes, if its key has a quota of them.</summary>
    public Limits.ByteMeter? Meter { get; set; }

    /// <summary>The day of whose quota a run was taken for it.</summary>
    public int? RunTakenOn { get; set; }

    public long BytesIn { get; set; }

    public long BytesOut { get; set; }

    /// <summary>Id of the request whose outcome the replay shield gave to this one.</summary>
    public string? ReplayedFrom { get; set; }

    /// <summary>The request's span; null while nobody collects traces.</summary>
    public Activity? Span { get; set; }

    /// <summary>The debug record, if one was asked for.</summary>
    public DebugCapture? Capture { get; set; }

    public DateTimeOffset At { get; init; }

    /// <summary>When it began, as a timestamp of the clock.</summary>
    public long Started { get; init; }

    public FailurePlace? Failure { get; set; }

    public string? FailureDetail { get; set; }

    public void Add(Attempt attempt) => Attempts = [.. Attempts, attempt];
}
