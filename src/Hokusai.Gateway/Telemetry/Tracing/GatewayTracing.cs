using System.Diagnostics;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Telemetry.Journal;
using Hokusai.Gateway.Telemetry.Metrics;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Telemetry.Tracing;

/// <summary>
/// Traces: a server span for each request and a client span for each attempt, while somebody listens. Where nobody does, each call
/// is one test, and the client's own <c>traceparent</c> travels on as it came.
/// </summary>
internal static class GatewayTracing
{
    public const string SourceName = "Hokusai.Gateway";
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    private const int TraceIdStart = 3;
    private const int TraceIdLength = 32;
    private const int TraceParentLength = 55;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The span of a request, below the client's if it sent one; null if nobody listens or it is not taken.</summary>
    public static Activity? StartRequest(HttpContext http, string requestId)
    {
        if (!Source.HasListeners()) return null;
        var parent = ParentOf(http.Request);
        // Without a parent the span is the trace's root: the framework's own activity has no span that anybody exports.
        if (parent == default) Activity.Current = null;
        var span = Source.StartActivity(http.Request.Method, ActivityKind.Server, parent);
        span?.SetTag("hokusai.request_id", requestId);
        return span;
    }

    /// <summary>The trace that a request belongs to, as far as anybody knows.</summary>
    public static string? TraceIdOf(HttpContext http, Activity? span)
    {
        if (span is not null) return span.TraceId.ToHexString();
        var header = http.Request.Headers.TraceParent;
        if (header.Count != 1 || header[0] is not { Length: >= TraceParentLength } text) return null;
        return ActivityContext.TryParse(text, null, out _) ? text.Substring(TraceIdStart, TraceIdLength) : null;
    }

    /// <summary>The span of one attempt; null if its request has none.</summary>
    /// <param name="request">The request's span.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="address">Address and port that are tried.</param>
    /// <param name="number">1 for the first attempt.</param>
    public static Activity? StartAttempt(Activity? request, string method, string? address, int number)
    {
        if (request is null || Source.StartActivity(method, ActivityKind.Client, request.Context) is not { } span) return null;
        if (address is not null) span.SetTag("network.peer.address", address);
        if (number > 1) span.SetTag("http.request.resend_count", number - 1);
        span.SetTag("http.request.method", method);
        return span;
    }

    /// <summary>The headers that make the upstream's spans children of this one; does nothing without a span.</summary>
    /// <param name="span">The attempt's span, or the request's.</param>
    /// <param name="set">Sets a header in place of whatever the client sent.</param>
    public static void Inject(Activity? span, Action<string, string> set)
    {
        if (span?.Id is not { } id) return;
        set(TraceParent, id);
        if (span.TraceStateString is { Length: > 0 } state) set(TraceState, state);
    }

    /// <summary>Whether a header is one of those that <see cref="Inject"/> replaces.</summary>
    public static bool IsContext(string name) => name.Equals(TraceParent, StringComparison.OrdinalIgnoreCase) || name.Equals(TraceState, StringComparison.OrdinalIgnoreCase);

    /// <summary>Ends an attempt's span.</summary>
    public static void EndAttempt(Activity? span, in Attempt attempt)
    {
        if (span is null) return;
        if (attempt.Status is { } status) span.SetTag("http.response.status_code", status);
        span.SetTag("hokusai.connection_reused", attempt.ReusedConnection);
        if (attempt.RetryReason is not null) span.SetTag("hokusai.retry_reason", attempt.RetryReason);
        Fail(span, attempt.Failure, attempt.Status is >= 400 ? attempt.Status : null);
        span.Dispose();
    }

    /// <summary>Ends a request's span. The key is named by its id.</summary>
    public static void EndRequest(Activity? span, JournalEntry entry)
    {
        if (span is null) return;
        span.DisplayName = entry.Class is null ? entry.Method : entry.Label;
        span.SetTag("http.request.method", entry.Method);
        span.SetTag("url.path", entry.Path);
        if (entry.Class is not null) span.SetTag("http.route", entry.Label);
        span.SetTag("http.response.status_code", entry.Status);
        if (entry.KeyId is not null) span.SetTag("hokusai.key_id", entry.KeyId);
        if (entry.ClientIp.Length > 0) span.SetTag("client.address", entry.ClientIp);
        if (entry.ReplayedFrom is not null) span.SetTag("hokusai.replayed_from", entry.ReplayedFrom);
        // By convention a client's mistake is no error of the server's span.
        Fail(span, entry.Status >= 500 ? entry.Failure : null, entry.Status >= 500 ? entry.Status : null);
        span.Dispose();
    }

    private static void Fail(Activity span, FailurePlace? place, int? status)
    {
        if (place is null && status is null) return;
        span.SetStatus(ActivityStatusCode.Error, place is { } known ? Failures.Of(known).Code : null);
        span.SetTag("error.type", place is { } failure ? TagWords.Of(failure) : status!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static ActivityContext ParentOf(HttpRequest request)
    {
        var parent = request.Headers.TraceParent;
        return parent.Count == 1 && ActivityContext.TryParse(parent[0], request.Headers.TraceState, isRemote: true, out var context) ? context : default;
    }
}
