using System.Diagnostics;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Telemetry.Journal;
using Hokusai.Gateway.Telemetry.Metrics;

namespace Hokusai.Gateway.Telemetry;

/// <summary>What the gateway counts, in the words of the places that count it. Every call is a look-up and an addition.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    /// <summary>Route of what the catalogue does not know: the path itself would be a series for each scanner's guess.</summary>
    public const string UnknownRoute = "unknown";

    private readonly CounterFamily _requests, _attempts, _retries, _retriesRefused, _breakerOpenings, _opened, _reused, _dnsFailures, _dnsStale, _verdicts, _refusals, _authUnavailable, _questionsTurnedAway, _shieldHits, _shieldOutcomes, _limitsAllowed, _limitsRefused, _limitsAlone, _bytesIn, _bytesOut, _ownErrors, _upstreamErrors, _failures;
    private readonly HistogramFamily _requestDuration, _authDuration, _upstreamDuration;
    private long _inFlight;

    public GatewayMetrics(TimeProvider time)
    {
        Families = new MetricFamilies(GatewayMetricList.MeterName, GatewayMetricList.All, time);
        (_requests, _attempts, _retries, _retriesRefused) = (Families.Counter(GatewayMetricList.Requests), Families.Counter(GatewayMetricList.Attempts), Families.Counter(GatewayMetricList.Retries), Families.Counter(GatewayMetricList.RetriesRefused));
        (_breakerOpenings, _opened, _reused) = (Families.Counter(GatewayMetricList.BreakerOpenings), Families.Counter(GatewayMetricList.ConnectionsOpened), Families.Counter(GatewayMetricList.ConnectionsReused));
        (_dnsFailures, _dnsStale) = (Families.Counter(GatewayMetricList.DnsFailures), Families.Counter(GatewayMetricList.DnsStaleServed));
        (_verdicts, _refusals, _authUnavailable) = (Families.Counter(GatewayMetricList.Verdicts), Families.Counter(GatewayMetricList.AuthRefusals), Families.Counter(GatewayMetricList.AuthUnavailable));
        (_shieldHits, _bytesIn, _bytesOut, _failures) = (Families.Counter(GatewayMetricList.ShieldHits), Families.Counter(GatewayMetricList.BytesIn), Families.Counter(GatewayMetricList.BytesOut), Families.Counter(GatewayMetricList.Failures));
        (_ownErrors, _upstreamErrors) = (Families.Counter(GatewayMetricList.OwnErrors), Families.Counter(GatewayMetricList.UpstreamErrors));
        _questionsTurnedAway = Families.Counter(GatewayMetricList.AuthQuestionsTurnedAway);
        _shieldOutcomes = Families.Counter(GatewayMetricList.ShieldOutcomes);
        (_limitsAllowed, _limitsRefused, _limitsAlone) = (Families.Counter(GatewayMetricList.LimitsAllowed), Families.Counter(GatewayMetricList.LimitsRefused), Families.Counter(GatewayMetricList.LimitsAlone));
        _requestDuration = Families.Histogram(GatewayMetricList.RequestDuration);
        _authDuration = Families.Histogram(GatewayMetricList.AuthDuration);
        _upstreamDuration = Families.Histogram(GatewayMetricList.UpstreamDuration);
        Families.Gauge(GatewayMetricList.InFlight).Observe(default, () => InFlight);
        ObserveProcess();
    }

    public MetricFamilies Families { get; }

    /// <summary>Requests that are being answered.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>A request has arrived; <see cref="RequestEnded"/> must follow, whatever happens.</summary>
    public void RequestBegan() => Interlocked.Increment(ref _inFlight);

    /// <summary>A request has been answered or given up: everything that its record tells is counted here.</summary>
    public void RequestEnded(JournalEntry entry)
    {
        Interlocked.Decrement(ref _inFlight);
        var (kind, body, status) = (TagWords.Of(entry.Class), TagWords.Of(entry.Body), TagWords.OfStatus(entry.Status));
        _requests.Add(1, new MetricTags(entry.Class is null ? UnknownRoute : entry.Label, status, kind));
        _requestDuration.Record(entry.Took, new MetricTags(kind, body, status), entry.RequestId);
        if (entry.BytesIn > 0) _bytesIn.Add(entry.BytesIn, new MetricTags(body));
        if (entry.BytesOut > 0) _bytesOut.Add(entry.BytesOut, new MetricTags(body));
        if (entry.ReplayedFrom is not null) _shieldHits.Add(1);
        if (entry.Status >= 500) (entry.Failure is null ? _upstreamErrors : _ownErrors).Add(1);
        if (entry.Failure is { } place) CountFailure(place);
        if (entry.VerdictSource.Length > 0) CountVerdict(entry);
        if (entry.Attempts.Length == 0) return;
        _upstreamDuration.Record(entry.UpstreamTook, new MetricTags(kind, body), entry.RequestId);
        foreach (ref readonly var attempt in entry.Attempts.AsSpan()) CountAttempt(in attempt);
    }

    /// <summary>The budget did not allow a retry.</summary>
    public void RetryRefused() => _retriesRefused.Add(1);

    /// <summary>A breaker has opened: <c>metadata</c>, <c>artifacts</c> or <c>auth</c>.</summary>
    public void BreakerOpened(string breaker) => _breakerOpenings.Add(1, new MetricTags(breaker));

    /// <summary>A DNS question brought nothing: <c>empty</c>, <c>nxdomain</c> or <c>other</c>.</summary>
    public void DnsFailed(string kind) => _dnsFailures.Add(1, new MetricTags(kind));

    /// <summary>An outlived DNS answer was used.</summary>
    public void DnsStaleServed() => _dnsStale.Add(1);

    /// <summary>A question to the auth service found no place.</summary>
    public void QuestionTurnedAway() => _questionsTurnedAway.Add(1);

    /// <summary>Where to read what is remembered of keys, and what is being asked.</summary>
    public void ObserveVerdicts(Func<(int Good, int Refused)> remembered, Func<int> questions, Func<bool> isTrusted)
    {
        var gauge = Families.Gauge(GatewayMetricList.AuthRemembered);
        gauge.Observe(new MetricTags("good"), () => remembered().Good);
        gauge.Observe(new MetricTags("refused"), () => remembered().Refused);
        Families.Gauge(GatewayMetricList.AuthQuestions).Observe(default, () => questions());
        Families.Gauge(GatewayMetricList.RevocationsInDoubt).Observe(default, () => isTrusted() ? 0 : 1);
    }

    /// <summary>The replay shield counted: <c>owed</c>, <c>replayed</c> or <c>still_out</c>.</summary>
    public void ShieldCounted(string outcome) => _shieldOutcomes.Add(1, new MetricTags(outcome));

    /// <summary>A limit let a request through: <c>key</c>, <c>address</c>, <c>bytes</c> or <c>runs</c>.</summary>
    public void LimitAllowed(string limit) => _limitsAllowed.Add(1, new MetricTags(limit));

    /// <summary>A limit refused a request.</summary>
    public void LimitRefused(string limit) => _limitsRefused.Add(1, new MetricTags(limit));

    /// <summary>A limit was decided without Redis, which was away.</summary>
    public void LimitFellBack() => _limitsAlone.Add(1);

    /// <summary>Where to read how many retries are under way, and how many may be.</summary>
    public void ObserveRetryBudget(Func<int> used, Func<int> allowed)
    {
        var gauge = Families.Gauge(GatewayMetricList.RetryBudget);
        gauge.Observe(new MetricTags("used"), () => used());
        gauge.Observe(new MetricTags("allowed"), () => allowed());
    }

    /// <summary>Where to read a breaker's state.</summary>
    public void ObserveBreaker(string breaker, Func<BreakerState> read) => Families.Gauge(GatewayMetricList.BreakerState).Observe(new MetricTags(breaker), () => (double)read());

    /// <summary>Where to read how many connections carry a request and how many wait for one.</summary>
    public void ObservePool(Func<int> active, Func<int> idle)
    {
        var gauge = Families.Gauge(GatewayMetricList.PoolConnections);
        gauge.Observe(new MetricTags("active"), () => active());
        gauge.Observe(new MetricTags("idle"), () => idle());
    }

    /// <summary>Where to read the age of the DNS answer in use; null if there is none.</summary>
    public void ObserveDnsAge(Func<TimeSpan?> read) => Families.Gauge(GatewayMetricList.DnsAge).Observe(default, () => read()?.TotalSeconds ?? double.NaN);

    /// <summary>Where to read whether the gateway drains.</summary>
    public void ObserveDraining(Func<bool> read) => Families.Gauge(GatewayMetricList.Draining).Observe(default, () => read() ? 1 : 0);

    public void Dispose() => Families.Dispose();

    // What leaks shows here long before it hurts.
    private void ObserveProcess()
    {
        Families.Gauge(GatewayMetricList.Heap).Observe(default, static () => GC.GetTotalMemory(forceFullCollection: false));
        Families.Gauge(GatewayMetricList.Handles).Observe(default, static () =>
        {
            using var own = Process.GetCurrentProcess();
            return own.HandleCount;
        });
        Families.Gauge(GatewayMetricList.Threads).Observe(default, static () => ThreadPool.ThreadCount);
        Families.Gauge(GatewayMetricList.Timers).Observe(default, static () => Timer.ActiveCount);
    }

    private void CountFailure(FailurePlace place)
    {
        var tags = new MetricTags(TagWords.Of(place));
        _failures.Add(1, tags);
        if (place == FailurePlace.AuthUnavailable) _authUnavailable.Add(1);
        else if (TagWords.IsAuthRefusal(place)) _refusals.Add(1, tags);
    }

    private void CountVerdict(JournalEntry entry)
    {
        var tags = new MetricTags(entry.VerdictSource);
        _verdicts.Add(1, tags);
        _authDuration.Record(entry.AuthTook, tags, entry.RequestId);
    }

    private void CountAttempt(ref readonly Attempt attempt)
    {
        _attempts.Add(1, new MetricTags(attempt.Failure is { } place ? TagWords.Of(place) : "answered"));
        if (attempt.RetryReason is not null) _retries.Add(1, new MetricTags(attempt.RetryReason));
        if (attempt.ReusedConnection) _reused.Add(1);
        else if (attempt.Connected is not null) _opened.Add(1);
    }
}
