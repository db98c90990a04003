using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>What the upstream learns of the caller, and what it does not.</summary>
public sealed class UserContextTests
{
    private const string Search = "GET /api/2.0/mlflow/experiments/search HTTP/1.1";

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ValidKey_TellsUserKeyAndScopes()
    {
        await using var hop = await GatewayHop.StartAsync(validate: GatewayHop.Good("ada", "key_7", "mlflow:read", "mlflow:write"));

        var answer = await RawClient.SendAsync(hop.Url, Search, "Authorization: Bearer " + hop.Key, "X-Mlflow-Workspace: w");

        var seen = hop.Upstream.Only;
        Assert.Equal(("ada", "key_7", "mlflow:read,mlflow:write", "w"), (seen.Header("X-Hokusai-User-Id"), seen.Header("X-Hokusai-Key-Id"), seen.Header("X-Hokusai-Scopes"), seen.Header("X-Mlflow-Workspace")));
        Assert.Contains("X-Request-Id: " + seen.Header("X-Request-Id"), answer.Head, StringComparison.Ordinal);
        Assert.Equal(new Uri(hop.Upstream.Url).Authority, seen.Header("Host"));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ClaimsFromTheClient_AreDroppedInEverySpelling()
    {
        await using var hop = await GatewayHop.StartAsync();

        // WSGI servers make one name of X_Hokusai_User_Id and X-Hokusai-User-Id.
        string[] claims = ["X-Hokusai-User-Id", "x-hokusai-user-id", "X-HOKUSAI-SCOPES", "X-Hokusai-Anything", "X-Request-Id", "X_Hokusai_User_Id", "X-Hokusai_Scopes", "x_request-id", "X_API_Key"];
        await RawClient.SendAsync(hop.Url, Search, ["Authorization: Bearer " + hop.Key, .. claims.Select(c => c + ": mallory")]);

        var seen = hop.Upstream.Only;
        Assert.DoesNotContain(seen.Headers, h => h.Value.Contains("mallory", StringComparison.Ordinal));
        Assert.Equal("ada", seen.Header("X-Hokusai-User-Id"));
        Assert.Equal(32, seen.Header("X-Request-Id")!.Length);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ClaimsNamedInConnection_StillReachTheUpstream()
    {
        await using var hop = await GatewayHop.StartAsync();

        await RawClient.SendAsync(hop.Url, Search, "Authorization: Bearer " + hop.Key, "Connection: close, X-Hokusai-User-Id, X-Hokusai-Scopes");

        Assert.Equal(("ada", string.Join(',', Scopes.All)), (hop.Upstream.Only.Header("X-Hokusai-User-Id"), hop.Upstream.Only.Header("X-Hokusai-Scopes")));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Zoë Müller", "Zo%C3%AB%20M%C3%BCller")]
    [InlineData("李", "%E6%9D%8E")]
    [InlineData("ada\r\nX-Hokusai-Scopes: admin", "ada%0D%0AX-Hokusai-Scopes%3A%20admin")]
    [InlineData("ada@example.com", "ada@example.com")]
    public async Task Forward_UserIdThatNoHeaderCanHold_ArrivesEscaped(string user, string expected)
    {
        await using var hop = await GatewayHop.StartAsync(validate: GatewayHop.Good(user, "key_1", "mlflow:read"));

        var answer = await RawClient.SendAsync(hop.Url, Search, "Authorization: Bearer " + hop.Key);

        Assert.Equal(200, answer.Status);
        Assert.Equal((expected, "mlflow:read"), (hop.Upstream.Only.Header("X-Hokusai-User-Id"), hop.Upstream.Only.Header("X-Hokusai-Scopes")));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(UpstreamCredential.Strip, null)]
    [InlineData(UpstreamCredential.Forward, "client")]
    [InlineData(UpstreamCredential.ServiceToken, "Basic c2VydmljZTp0b2tlbg==")]
    public async Task Forward_CredentialPolicy_DecidesWhatGoesUpstream(UpstreamCredential policy, string? expected)
    {
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { UpstreamCredential = policy, ServiceToken = "Basic c2VydmljZTp0b2tlbg==" });

        await RawClient.SendAsync(hop.Url, Search, "Authorization: Bearer " + hop.Key, "X-API-Key: " + hop.Key);

        var seen = hop.Upstream.Only;
        Assert.Equal(expected == "client" ? "Bearer " + hop.Key : expected, seen.Header("Authorization"));
        Assert.Equal(expected == "client" ? hop.Key : null, seen.Header("X-API-Key"));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_HeadersBeyondAscii_PassByteForByte()
    {
        await using var hop = await GatewayHop.StartAsync(async http =>
        {
            http.Response.Headers["X-Back"] = http.Request.Headers["X-There"];
            await ScriptedServer.WriteAsync(http, (int)HttpStatusCode.OK, "{}");
        });

        // 0xC3 0xAB is ë in UTF-8; the client sends and reads its bytes as Latin-1.
        var answer = await RawClient.SendAsync(hop.Url, Search, "Authorization: Bearer " + hop.Key, "X-There: Zo\u00c3\u00ab");

        Assert.Equal(200, answer.Status);
        Assert.Contains("X-Back: Zo\u00c3\u00ab", answer.Head, StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("not an address", "127.0.0.1")]
    [InlineData(null, "127.0.0.1")]
    public async Task Validate_ForwardedFor_OnlyTheNearestProxysWordCounts(string? forwarded, string expected)
    {
        string? asked = null;
        await using var hop = await GatewayHop.StartAsync(validate: async http =>
        {
            var body = await JsonSerializer.DeserializeAsync(http.Request.Body, KeyValidationJson.Default.ValidateKeyRequest, http.RequestAborted);
            asked = body!.ClientIp;
            Assert.Equal("hokusai-gateway", body.ServiceId);
            await GatewayHop.Good()(http);
        });

        await RawClient.SendAsync(hop.Url, Search, ["Authorization: Bearer " + hop.Key, .. forwarded is null ? (string[])[] : ["X-Forwarded-For: " + forwarded]]);

        Assert.Equal(expected, asked);
    }
}
