using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Telemetry.Journal;

/// <summary>What is known of one request after its end. Texts that a client had a hand in are redacted as they are set, so no entry can hold a key.</summary>
internal sealed record JournalEntry
{
    // An object of about 30 fields with its array slot.
    private const int FixedBytes = 336;
    private const int BytesPerAttempt = 128;
    private const int BytesPerString = 24;

    public required string RequestId { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset At { get; init; }

    public required string Method { get; init; }

    /// <summary>The catalogue's label; empty for what is not in it.</summary>
    public string Label { get; init; } = "";

    /// <summary>The path as MLflow knows it, without the query.</summary>
    public required string Path { get; init => field = Redaction.Path(value); }

    /// <summary>Class of the endpoint; null for what is not in the catalogue.</summary>
    public EndpointClass? Class { get; init; }

    public BodyClass Body { get; init; }

    /// <summary>Whose request it was: decides who may ask for it. Null if no key was recognised.</summary>
    public string? KeyId { get; init; }

    public string ClientIp { get; init; } = "";

    /// <summary>What the client was sent; 499 if it had gone.</summary>
    public required int Status { get; init; }

    public FailurePlace? Failure { get; init; }

    public string? FailureDetail { get; init => field = value is null ? null : Redaction.Text(value); }

    public string CredentialPlace { get; init; } = "";

    /// <summary><c>cached</c>, <c>fresh</c> or <c>stale</c>; empty if no verdict was asked for.</summary>
    public string VerdictSource { get; init; } = "";

    public TimeSpan Took { get; init; }

    public TimeSpan AuthTook { get; init; }

    public TimeSpan UpstreamTook { get; init; }

    /// <summary>The attempts at the upstream, in order. Must not change once it is here.</summary>
    public Attempt[] Attempts { get; init; } = [];

    /// <summary>The breakers as they were when the request ended.</summary>
    public BreakerStates Breakers { get; init; }

    /// <summary>The upstream by name.</summary>
    public string? Upstream { get; init; }

    public long BytesIn { get; init; }

    public long BytesOut { get; init; }

    /// <summary>Id of the request whose outcome this one was given by the replay shield.</summary>
    public string? ReplayedFrom { get; init; }

    /// <summary>W3C trace id, of our own span or of the client's <c>traceparent</c>.</summary>
    public string? TraceId { get; init; }

    /// <summary>Whether it is kept among the failed ones: failed here, or MLflow answered with a fault of its own.</summary>
    public bool Failed => Failure is not null || Status >= 500;

    /// <summary>Roughly what the entry holds in memory. Strings of the catalogue and of the configuration are shared and not counted.</summary>
    public int EstimatedBytes => FixedBytes + (Attempts.Length * BytesPerAttempt) + Size(RequestId) + Size(Path) + Size(FailureDetail) + Size(ClientIp) + Size(ReplayedFrom) + Size(TraceId);

    private static int Size(string? text) => text is null ? 0 : BytesPerString + (2 * text.Length);
}
