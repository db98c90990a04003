using Hokusai.Gateway.Telemetry.Metrics;
using static Hokusai.Gateway.Telemetry.Metrics.MetricKind;

namespace Hokusai.Gateway.Telemetry;

/// <summary>Every metric of the gateway. A metric that is not in <see cref="All"/> does not exist; <c>docs/metrics.md</c> is made from it.</summary>
internal static class GatewayMetricList
{
    public const string MeterName = "Hokusai.Gateway";

    private const string Prefix = "hokusai.gateway.";

    public static readonly MetricDefinition Requests = new(Prefix + "requests", Counter, "{request}", "Requests answered, by route of the catalogue, class of status and class of endpoint.", "route", "status", "class")
    {
        Emf = "Requests",
        EmfBy = EmfDimension.Class,
    };

    public static readonly MetricDefinition RequestDuration = new(Prefix + "request.duration", Histogram, "s", "From the request's arrival to the end of its answer.", "class", "body", "status")
    {
        Emf = "RequestDuration",
        EmfBy = EmfDimension.Class,
    };

    public static readonly MetricDefinition AuthDuration = new(Prefix + "auth.duration", Histogram, "s", "Until the verdict on the key was there, by where it came from.", "source") { Emf = "AuthDuration" };

    public static readonly MetricDefinition UpstreamDuration = new(Prefix + "upstream.duration", Histogram, "s", "Spent on the upstream, all attempts and the pauses between them included.", "class", "body")
    {
        Emf = "UpstreamDuration",
        EmfBy = EmfDimension.Class,
    };

    public static readonly MetricDefinition Attempts = new(Prefix + "upstream.attempts", Counter, "{attempt}", "Attempts at the upstream, by outcome: answered, or the place of failure.", "outcome") { Emf = "UpstreamAttempts" };
    public static readonly MetricDefinition Retries = new(Prefix + "upstream.retries", Counter, "{retry}", "Attempts that followed another one, by why that one was not enough.", "reason") { Emf = "Retries" };
    public static readonly MetricDefinition RetriesRefused = new(Prefix + "upstream.retries.refused", Counter, "{retry}", "Retries that the budget did not allow.") { Emf = "RetryBudgetExhausted" };
    public static readonly MetricDefinition RetryBudget = new(Prefix + "upstream.retry_budget", Gauge, "{retry}", "Retries under way of what may have been processed (used), and how many may be (allowed).", "state");
    public static readonly MetricDefinition BreakerState = new(Prefix + "breaker.state", Gauge, "{state}", "0 closed, 1 half-open, 2 open.", "breaker") { Emf = "BreakerState" };
    public static readonly MetricDefinition BreakerOpenings = new(Prefix + "breaker.openings", Counter, "{opening}", "How often a circuit breaker opened.", "breaker") { Emf = "BreakerOpen" };
    public static readonly MetricDefinition PoolConnections = new(Prefix + "pool.connections", Gauge, "{connection}", "Connections to the upstream, active or idle.", "state");
    public static readonly MetricDefinition ConnectionsOpened = new(Prefix + "pool.connections.opened", Counter, "{connection}", "Attempts that opened a connection of their own.") { Emf = "ConnectionsOpened" };
    public static readonly MetricDefinition ConnectionsReused = new(Prefix + "pool.connections.reused", Counter, "{connection}", "Attempts that went over a connection from the pool.");
    public static readonly MetricDefinition DnsAge = new(Prefix + "dns.age", Gauge, "s", "Age of the DNS answer in use.") { Emf = "DnsAge" };
    public static readonly MetricDefinition DnsFailures = new(Prefix + "dns.failures", Counter, "{failure}", "DNS questions without a usable answer, by kind.", "kind") { Emf = "DnsFailures" };
    public static readonly MetricDefinition DnsStaleServed = new(Prefix + "dns.stale.served", Counter, "{answer}", "Times an outlived DNS answer was used because there was no newer one.") { Emf = "DnsStaleServed" };
    public static readonly MetricDefinition Verdicts = new(Prefix + "auth.verdicts", Counter, "{verdict}", "Verdicts on keys: cached (a hit), fresh (a miss: the auth service was asked), stale (the auth service was away).", "source");
    public static readonly MetricDefinition AuthRefusals = new(Prefix + "auth.refusals", Counter, "{request}", "Requests refused for their credential or its scopes, by place.", "place") { Emf = "AuthRejected" };
    public static readonly MetricDefinition AuthUnavailable = new(Prefix + "auth.unavailable", Counter, "{request}", "Requests for which the auth service gave no verdict.") { Emf = "AuthUnavailable" };
    public static readonly MetricDefinition AuthRemembered = new(Prefix + "auth.remembered", Gauge, "{key}", "Verdicts on keys that are remembered: good or refused.", "verdict");
    public static readonly MetricDefinition AuthQuestions = new(Prefix + "auth.questions", Gauge, "{question}", "Questions to the auth service that are asked or wait for their turn.");
    public static readonly MetricDefinition AuthQuestionsTurnedAway = new(Prefix + "auth.questions.turned_away", Counter, "{question}", "Questions about keys not seen before for which there was no place: a flood of them.") { Emf = "AuthQuestionsTurnedAway" };
    public static readonly MetricDefinition RevocationsInDoubt = new(Prefix + "auth.revocations.in_doubt", Gauge, "{state}", "1 while the auth service does not tell which keys change though it did, 0 otherwise.") { Emf = "RevocationsInDoubt" };
    public static readonly MetricDefinition ShieldHits = new(Prefix + "shield.hits", Counter, "{request}", "Re-sent requests that got the first one's outcome.") { Emf = "ReplayShieldHit" };
    public static readonly MetricDefinition ShieldOutcomes = new(Prefix + "shield.outcomes", Counter, "{create}", "Creates whose outcome did not reach its client (owed), that got an owed one (replayed), or waited in vain for one (still_out).", "outcome");
    public static readonly MetricDefinition LimitsAllowed = new(Prefix + "limits.allowed", Counter, "{request}", "Requests that a limit let through: of a key's requests (key), an address's failed attempts (address), a day's bytes (bytes) or runs (runs).", "limit");
    public static readonly MetricDefinition LimitsRefused = new(Prefix + "limits.refused", Counter, "{request}", "Requests that a limit refused or cut, by limit.", "limit") { Emf = "LimitRefused" };
    public static readonly MetricDefinition LimitsAlone = new(Prefix + "limits.alone", Counter, "{decision}", "Decisions that a gateway made by what it knows itself, because Redis was away.") { Emf = "LimitsAlone" };
    public static readonly MetricDefinition BytesIn = new(Prefix + "request.body", Counter, "By", "Bytes of request bodies taken.", "body") { Emf = "BytesIn" };
    public static readonly MetricDefinition BytesOut = new(Prefix + "response.body", Counter, "By", "Bytes of answer bodies sent.", "body") { Emf = "BytesOut" };

    public static readonly MetricDefinition OwnErrors = new(Prefix + "errors.own", Counter, "{request}", "Requests that the gateway itself answered with a status of 500 or above.") { Emf = "GatewayErrors" };
    public static readonly MetricDefinition UpstreamErrors = new(Prefix + "errors.upstream", Counter, "{request}", "Requests that MLflow answered with a status of 500 or above.") { Emf = "MlflowErrors" };

    public static readonly MetricDefinition Failures = new(Prefix + "failures", Counter, "{request}", "Requests that failed, by place.", "place")
    {
        Emf = "Failures",
        EmfBy = EmfDimension.Place,
    };

    public static readonly MetricDefinition InFlight = new(Prefix + "requests.in_flight", Gauge, "{request}", "Requests that are being answered.") { Emf = "InFlight" };
    public static readonly MetricDefinition Draining = new(Prefix + "draining", Gauge, "{state}", "1 while the gateway drains before its end, 0 otherwise.") { Emf = "Draining" };

    // The names that OpenTelemetry gives to a runtime's metrics would clash with those of an agent beside the gateway.
    public static readonly MetricDefinition Heap = new(Prefix + "heap", Gauge, "By", "Bytes of managed memory in use, what is not collected yet included.");
    public static readonly MetricDefinition Handles = new(Prefix + "handles", Gauge, "{handle}", "Open handles of the process: sockets, files, and what the runtime needs.");
    public static readonly MetricDefinition Threads = new(Prefix + "threads", Gauge, "{thread}", "Threads of the pool.");
    public static readonly MetricDefinition Timers = new(Prefix + "timers", Gauge, "{timer}", "Timers that are set.");

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        Requests, RequestDuration, AuthDuration, UpstreamDuration, Attempts, Retries, RetriesRefused, RetryBudget, BreakerState, BreakerOpenings, PoolConnections, ConnectionsOpened, ConnectionsReused,
        DnsAge, DnsFailures, DnsStaleServed, Verdicts, AuthRefusals, AuthUnavailable, AuthRemembered, AuthQuestions, AuthQuestionsTurnedAway, RevocationsInDoubt, ShieldHits, ShieldOutcomes, LimitsAllowed, LimitsRefused, LimitsAlone, BytesIn, BytesOut, OwnErrors, UpstreamErrors, Failures, InFlight, Draining,
        Heap, Handles, Threads, Timers,
    ];
}
