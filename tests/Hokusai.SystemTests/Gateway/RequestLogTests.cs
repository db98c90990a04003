using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>One log line for each request, which names the key and never shows it.</summary>
public sealed class RequestLogTests
{
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET", "/api/mlflow/api/2.0/mlflow/runs/get?run_id=1", "GET /api/2.0/mlflow/runs/get 200 from")]
    [InlineData("GET", "/ajax-api/2.0/mlflow/runs/get?run_id=1", "GET /api/2.0/mlflow/runs/get 200 from")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts/a/{key}", "GET /api/2.0/mlflow-artifacts/artifacts/{*path} 200 from")]
    [InlineData("GET", "/nothing/{key}", "GET /nothing/hk_live_… 404 failed at EndpointUnknown")]
    [InlineData("GET", "/nothing/{escaped}", "GET /nothing/hk%5Flive%5F… 404 failed at EndpointUnknown")]
    [InlineData("PUT", "/api/2.0/mlflow/runs/get", "PUT /api/2.0/mlflow/runs/get 405 failed at MethodUnknown")]
    public async Task Write_EveryRequest_IsOneLineWithRouteStatusAndKeyId(string method, string target, string expected)
    {
        await using var hop = await GatewayHop.StartAsync();
        var exposed = ApiKey.Mint().Reveal();
        var path = target.Replace("{key}", exposed, StringComparison.Ordinal).Replace("{escaped}", exposed.Replace("_", "%5F", StringComparison.Ordinal), StringComparison.Ordinal);

        var answer = await RawClient.SendAsync(hop.Url, $"{method} {path} HTTP/1.1", "Authorization: Bearer " + hop.Key);
        await hop.Gateway.StopAsync();

        var line = await hop.Gateway.Logs.OneAsync(IsRequest);
        Assert.Contains($"] {expected}", line, StringComparison.Ordinal);
        Assert.Contains(answer.Status == 200 ? "KeyId=key_1" : "KeyId=-", line, StringComparison.Ordinal);
        var id = answer.Head.Split("X-Request-Id: ")[1].Split('\r')[0];
        Assert.Contains($"RequestId={id}", line, StringComparison.Ordinal);
        foreach (var secret in (string[])[hop.Key, exposed, exposed[ApiKey.LivePrefix.Length..]]) hop.Gateway.Logs.Lacks(secret);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(401, "KeyRevoked")]
    [InlineData(500, "AuthUnavailable")]
    public async Task Write_RefusedRequest_IsOneLineWithThePlace(int auth, string place)
    {
        await using var hop = await GatewayHop.StartAsync(validate: http => ScriptedServer.WriteAsync(http, auth, $$"""{"error_code":"KEY_REVOKED","message":"{{http.Request.Headers.Authorization}}"}"""));

        var answer = await RawClient.SendAsync(hop.Url, "GET /version HTTP/1.1", "X-API-Key: " + hop.Key);
        await hop.Gateway.StopAsync();

        var line = await hop.Gateway.Logs.OneAsync(IsRequest);
        Assert.Contains($"GET /version {answer.Status} failed at {place}", line, StringComparison.Ordinal);
        Assert.Contains("CredentialPlace=X-API-Key", line, StringComparison.Ordinal);
        Assert.DoesNotContain(hop.Key, answer.Body, StringComparison.Ordinal);
    }

    private static bool IsRequest(string entry) => entry.Contains("Hokusai.Gateway[2000 ", StringComparison.Ordinal) || entry.Contains("Hokusai.Gateway[2001 ", StringComparison.Ordinal);
}
