using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Resilience;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Journal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Tests.Gateway.Telemetry;

/// <summary>Requests as the pipeline would record them.</summary>
internal static class Entries
{
    public const string Address = "10.0.1.5:5000";

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static JournalEntry Good(string id, string keyId = "k_one", DateTimeOffset? at = null) => new()
    {
        RequestId = id,
        At = at ?? Start,
        Method = "GET",
        Label = "GET /mlflow/runs/get",
        Path = "/api/2.0/mlflow/runs/get",
        Class = EndpointClass.Read,
        KeyId = keyId,
        ClientIp = "10.0.0.7",
        Status = 200,
        CredentialPlace = "Authorization: Bearer",
        VerdictSource = "cached",
        Took = TimeSpan.FromMilliseconds(12),
        AuthTook = TimeSpan.FromMilliseconds(0.2),
        UpstreamTook = TimeSpan.FromMilliseconds(11),
        Upstream = "http://mlflow.hokusai.local:5000",
        BytesIn = 0,
        BytesOut = 345,
        Attempts = [new Attempt(Address, true, TimeSpan.FromMilliseconds(0.5), null, TimeSpan.FromMilliseconds(9), TimeSpan.FromMilliseconds(11), 200, null, null)],
    };

    public static JournalEntry Failed(string id, string keyId = "k_one", DateTimeOffset? at = null) => Good(id, keyId, at) with
    {
        Status = 502,
        Failure = FailurePlace.ConnectFailed,
        FailureDetail = "Nobody listens there.",
        Took = TimeSpan.FromSeconds(2.1),
        BytesIn = 17,
        BytesOut = 200,
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        Breakers = new BreakerStates(BreakerState.Open, BreakerState.Closed, BreakerState.Closed),
        Attempts =
        [
            new Attempt(Address, true, TimeSpan.FromMilliseconds(1), null, null, TimeSpan.FromMilliseconds(3), null, FailurePlace.UpstreamReset, null),
            new Attempt("10.0.1.6:5000", false, TimeSpan.FromMilliseconds(60), null, null, TimeSpan.FromSeconds(2), null, FailurePlace.ConnectFailed, "stale connection"),
        ],
    };

    public static ValidatedKey Key(string keyId, params string[] scopes) => new("user", keyId, "hokusai-gateway", scopes.Length == 0 ? [Scopes.Read] : scopes);

    public static DefaultHttpContext Request(string method, string target, string? body = null)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        http.Response.Body = new MemoryStream();
        if (body is not null) http.Request.Body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(body));
        return http;
    }

    public static string Answer(HttpContext http) => System.Text.Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
}
