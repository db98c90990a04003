using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Hokusai.Gateway.Telemetry.Debugging;

/// <summary>
/// Takes down one request and its answer: headers redacted, bodies cut at 2 KiB and redacted, artifacts without their bytes.
/// Made only for requests that a rule asks for.
/// </summary>
internal sealed class DebugCapture
{
    private const string NotShown = "(artifact, not shown)";

    private readonly DebugRule _rule;
    private readonly string _headers;
    private readonly BodyHead? _request;
    private readonly BodyHead? _response;

    /// <summary>Begins to take down.</summary>
    /// <param name="rule">The rule that the request falls under.</param>
    /// <param name="http">The request. Its headers are read now: later stages change them.</param>
    /// <param name="isArtifact">Whether the bodies are an artifact's.</param>
    public DebugCapture(DebugRule rule, HttpContext http, bool isArtifact)
    {
        _rule = rule;
        _headers = HeadersOf(http.Request.Headers);
        if (isArtifact) return;
        (_request, _response) = (new BodyHead(), new BodyHead());
    }

    /// <summary>The request's body to read in place of this one.</summary>
    public Stream TeeRequest(Stream body) => _request is null ? body : new TeeStream(body, _request);

    /// <summary>The answer's body to write in place of this one.</summary>
    public Stream TeeResponse(Stream body) => _response is null ? body : new TeeStream(body, _response);

    /// <summary>Puts both in place in a request, for whoever reads and writes through <see cref="HttpContext"/>.</summary>
    public void Attach(HttpContext http)
    {
        if (_request is null) return;
        http.Request.Body = TeeRequest(http.Request.Body);
        // The server's own way of writing would go past the stream.
        var inner = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(TeeResponse(inner.Stream), inner));
    }

    /// <summary>Logs both. Call it after the answer's end.</summary>
    public void Write(ILogger logger, HttpContext http, string requestId)
    {
        var target = Redaction.Path(http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "");
        TelemetryLog.DebugRequest(logger, requestId, _rule.Id, http.Request.Method, target, _headers, BodyOf(_request, http.Request.Headers.ContentEncoding));
        TelemetryLog.DebugResponse(logger, requestId, _rule.Id, http.Response.StatusCode, HeadersOf(http.Response.Headers), BodyOf(_response, http.Response.Headers.ContentEncoding));
    }

    private static string HeadersOf(IHeaderDictionary headers)
    {
        var text = new StringBuilder();
        foreach (var (name, values) in headers) text.Append(text.Length > 0 ? "; " : "").Append(name).Append(": ").Append(Redaction.Header(name, values.ToString()));
        return text.Length == 0 ? "none" : text.ToString();
    }

    private static string BodyOf(BodyHead? body, StringValues encoding)
    {
        if (body is null) return NotShown;
        var (head, total) = body.Read();
        if (total == 0) return "(empty)";
        // What is compressed could hold a key that nobody sees to redact.
        if (!StringValues.IsNullOrEmpty(encoding)) return $"({total} bytes, {encoding})";
        var text = Encoding.UTF8.GetString(head);
        if (text.Contains('\0', StringComparison.Ordinal)) return $"({total} bytes, binary)";
        return total > head.Length ? $"{Redaction.Text(text)}… ({total} bytes in all)" : Redaction.Text(text);
    }
}
