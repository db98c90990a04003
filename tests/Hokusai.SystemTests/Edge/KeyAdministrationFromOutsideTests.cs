using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>Key administration can't be reached from outside, whatever a client tries, even with the best of keys.</summary>
public sealed class KeyAdministrationFromOutsideTests
{
    public static TheoryData<string, string, string> Attempts { get; } = new()
    {
        { "POST", "/api/v1/keys", "" },
        { "GET", "/api/v1/keys", "" },
        { "POST", "/api/v1/keys/key_1/revoke", "" },
        { "GET", "/api/v1/keys/changes?after=-1", "" },
        { "POST", "/api/v1/keys/uses", "" },
        { "POST", "/api/v1/keys/import", "" },
        { "GET", "/api/v1/keys/key_1", "" },
        { "PATCH", "/api/v1/keys/key_1", "" },
        { "POST", "/api/v1/keys/key_1/rotate", "" },
        { "POST", "/api/v1/keys/key_1/disable", "" },
        { "POST", "/api/v1/keys/key_1/enable", "" },
        { "GET", "/api/v1/keys/openapi.json", "" },
        { "GET", "/api/v1/keys/audit", "" },
        { "GET", "/api/v1/keys/peppers", "" },
        { "GET", "/api/v1/keys/", "" },
        { "GET", "/api/v1/keys/../keys", "" },
        { "GET", "/api/v1/keys/%2e%2e/keys", "" },
        { "GET", "/api/v1/keys/self/../../keys", "" },
        { "GET", "/api/mlflow/../v1/keys", "" },
        { "GET", "/api/mlflow/%2e%2e/v1/keys", "" },
        { "GET", "/api/v1//keys", "" },
        { "GET", "/api//v1/keys", "" },
        { "GET", "/api/v1/keys?x=/validate", "" },
        { "GET", "/api/v1/keys", "X-Forwarded-For: " },
        { "GET", "/api/v1/keys", "X-Forwarded-For: 127.0.0.1" },
        { "GET", "/api/v1/keys", "Connection: close, X-Forwarded-For" },
        { "GET", "/api/v1/keys", "X-Original-URL: /api/v1/keys" },
        { "GET", "/api/v1/keys/self", "X-HTTP-Method-Override: POST" },
        { "PUT", "/api/v1/keys", "X-HTTP-Method-Override: POST" },
        { "post", "/api/v1/keys", "" },
        { "GET", "/API/V1/KEYS", "" },
        { "GET", "/api/v1/KEYS", "" },
    };

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Attempts))]
    public async Task Reach_AdministrationThroughTheEdge_IsRefused(string method, string target, string header)
    {
        await using var stack = await TestStack.StartAsync();
        string[] headers = ["Authorization: Bearer " + stack.Key, .. header.Length > 0 ? (string[])[header] : []];

        var answer = await RawClient.SendAsync(stack.EdgeUrl, $"{method} {target} HTTP/1.1", headers);

        if (target.EndsWith("/self", StringComparison.Ordinal)) Assert.Equal(200, answer.Status);
        else Assert.Equal(method == "post" ? 400 : 404, answer.Status);
        Assert.DoesNotContain("\"keys\":", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("revision", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(stack.Key, answer.Body, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Reach_ValidationAndSelfServiceThroughTheEdge_IsAnswered()
    {
        await using var stack = await TestStack.StartAsync();
        var bearer = "Authorization: Bearer " + stack.Key;
        const string Body = """{"service_id":"hokusai-gateway"}""";

        var self = await RawClient.SendAsync(stack.EdgeUrl, "GET /api/v1/keys/self HTTP/1.1", bearer);
        var validate = await RawClient.SendTextAsync(
            stack.EdgeUrl, $"POST /api/v1/keys/validate HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{bearer}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        var unknown = await RawClient.SendAsync(stack.EdgeUrl, "GET /api/v1/keys/self HTTP/1.1", "Authorization: Bearer " + ApiKey.Mint().Reveal());

        Assert.Equal((200, 200, 401), (self.Status, validate.Status, unknown.Status));
        Assert.Contains("\"status\":\"active\"", self.Body, StringComparison.Ordinal);
        Assert.Contains("\"scopes\":[", validate.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(stack.Key, self.Body + validate.Body, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Log_KeyInTheUrlOfAnyHop_IsNowhere()
    {
        await using var stack = await TestStack.StartAsync();
        var exposed = ApiKey.Mint().Reveal();
        stack.RememberKey(exposed);
        stack.RememberKey(exposed[ApiKey.LivePrefix.Length..]);

        foreach (var target in (string[])[$"/api/mlflow/version?k={exposed}", $"/api/mlflow/{exposed}", $"/api/v1/keys/{exposed}/revoke?k={exposed}", $"/{exposed}", $"/api/mlflow/%00?k={exposed}",
            $"/api/mlflow/api/2.0/mlflow-artifacts/artifacts/{exposed}", $"/api/v1/keys/{exposed.Replace("_", "%5f", StringComparison.Ordinal)}"])
        {
            var answer = await RawClient.SendAsync(stack.EdgeUrl, $"GET {target} HTTP/1.1", "Authorization: Bearer " + stack.Key, "X-API-Key: " + stack.Key);
            if (!target.Contains("artifacts/", StringComparison.Ordinal)) Assert.DoesNotContain(exposed, answer.Body, StringComparison.Ordinal);
        }
    }
}
