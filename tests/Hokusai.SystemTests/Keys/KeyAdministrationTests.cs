using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>Issuing, listing and revoking keys over HTTP.</summary>
public sealed class KeyAdministrationTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Create_Description_IsAnsweredWithThePlainKeyOnce()
    {
        await using var hop = await KeysHop.StartAsync();

        var (status, made) = await hop.SendAsync("POST", "/api/v1/keys", hop.Admin, """{"name":"ci","user_id":"ada","scopes":["mlflow:read","model:write"],"expires_in_days":7,"test":true}""");

        Assert.Equal(200, status);
        Assert.True(ApiKey.TryParse(made.GetProperty("key").GetString(), out var key) && key.HasValidChecksum && key.IsTest);
        Assert.Equal((key.Display, "ci", "ada", "active"), (Text(made, "display"), Text(made, "name"), Text(made, "user_id"), Text(made, "status")));
        Assert.Equal(["mlflow:read", "model:write"], made.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()!));
        Assert.Equal(7, (made.GetProperty("expires_at").GetDateTimeOffset() - made.GetProperty("created_at").GetDateTimeOffset()).TotalDays, 0.01);

        var (_, list) = await hop.SendAsync("GET", "/api/v1/keys", hop.Admin);
        var (_, self) = await hop.SendAsync("GET", "/api/v1/keys/self", key.Reveal());
        var (_, revoked) = await hop.SendAsync("POST", $"/api/v1/keys/{Text(made, "key_id")}/revoke", hop.Admin);
        Assert.Equal(2, list.GetProperty("keys").GetArrayLength());
        Assert.Equal(Text(made, "key_id"), Text(self, "key_id"));
        foreach (var later in (JsonElement[])[list, self, revoked]) Assert.DoesNotContain(key.Reveal(), later.GetRawText(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Create_NameAlone_GetsReadAndWriteForItsMakerForEver()
    {
        await using var hop = await KeysHop.StartAsync();
        var (_, self) = await hop.SendAsync("GET", "/api/v1/keys/self", hop.Admin);

        var (_, made) = await hop.SendAsync("POST", "/api/v1/keys", hop.Admin, """{"name":"plain"}""");

        Assert.Equal(Text(self, "user_id"), Text(made, "user_id"));
        Assert.Equal(["mlflow:read", "mlflow:write"], made.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()!));
        Assert.False(made.TryGetProperty("expires_at", out _));
        Assert.StartsWith(ApiKey.LivePrefix, Text(made, "key"), StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("", "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "name")]
    [InlineData("{}", "name")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"name":"x","scopes":["root"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":[null]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["Admin"]}""", "scopes")]
    [InlineData("""{"name":"x","expires_in_days":0}""", "expires_in_days")]
    [InlineData("""{"name":"x","expires_in_days":-1}""", "expires_in_days")]
    [InlineData("""{"name":"x","expires_in_days":99999}""", "expires_in_days")]
    [InlineData("""{"name":"x","expires_in_days":"soon"}""", "expires_in_days")]
    [InlineData("""{"name":"for KEY"}""", "name")]
    [InlineData("""{"name":"x","user_id":"KEY"}""", "user_id")]
    [InlineData("""{"name":"a\tb\u001b[2J"}""", "name")]
    [InlineData("""{"name":"x","user_id":"a\r\nb"}""", "user_id")]
    public async Task Create_BadDescription_Is400AndNamesTheField(string body, string field)
    {
        await using var hop = await KeysHop.StartAsync();
        var exposed = ApiKey.Mint().Reveal();

        var (status, error) = await hop.SendAsync("POST", "/api/v1/keys", hop.Admin, body.Replace("KEY", exposed, StringComparison.Ordinal));

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (status, Text(error, "error_code")));
        Assert.Contains(field, Text(error, "message"), StringComparison.Ordinal);
        hop.Role.Logs.Lacks(exposed, error.GetRawText());
        var (_, list) = await hop.SendAsync("GET", "/api/v1/keys", hop.Admin);
        Assert.Equal(1, list.GetProperty("keys").GetArrayLength());
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("POST", "/api/v1/keys")]
    [InlineData("GET", "/api/v1/keys")]
    [InlineData("POST", "/api/v1/keys/key_1/revoke")]
    public async Task Administer_WithoutTheScopeAdmin_IsRefused(string method, string path)
    {
        await using var hop = await KeysHop.StartAsync();
        var (id, key) = await hop.CreateAsync("""{"name":"x","scopes":["mlflow:read","mlflow:write","model:write"]}""");

        var (without, _) = await hop.SendAsync(method, path, null, "{}");
        var (unknown, _) = await hop.SendAsync(method, path, ApiKey.Mint().Reveal(), "{}");
        var (lesser, error) = await hop.SendAsync(method, path, key, "{}");
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        var (revoked, _) = await hop.SendAsync(method, path, key, "{}");

        Assert.Equal((401, 401, 403, 401), (without, unknown, lesser, revoked));
        Assert.Equal("PERMISSION_DENIED", Text(error, "error_code"));
        Assert.Contains("admin", Text(error, "message"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Revoke_TwiceAndUnknown_IsFineOnceAndThenTheSame()
    {
        await using var hop = await KeysHop.StartAsync();
        var (id, _) = await hop.CreateAsync();

        var (first, once) = await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        hop.Time.Advance(TimeSpan.FromHours(1));
        var (second, twice) = await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        var (unknown, error) = await hop.SendAsync("POST", "/api/v1/keys/key_none/revoke", hop.Admin);

        Assert.Equal((200, 200, 404), (first, second, unknown));
        Assert.Equal(once.GetRawText(), twice.GetRawText());
        Assert.Equal(("revoked", "RESOURCE_DOES_NOT_EXIST"), (Text(once, "status"), Text(error, "error_code")));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("DELETE", "/api/v1/keys")]
    [InlineData("GET", "/api/v1/keys/validate")]
    [InlineData("POST", "/api/v1/keys//revoke")]
    [InlineData("GET", "/")]
    public async Task Reach_UnknownEndpoint_Is404Json(string method, string path)
    {
        await using var hop = await KeysHop.StartAsync();

        var (status, error) = await hop.SendAsync(method, path, hop.Admin);

        Assert.Equal((404, "ENDPOINT_NOT_FOUND"), (status, path.Contains("//", StringComparison.Ordinal) ? "ENDPOINT_NOT_FOUND" : Text(error, "error_code")));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Create_BodyThatIsTooLargeOrBrokenOff_IsTheClientsFault()
    {
        await using var hop = await KeysHop.StartAsync();

        var answer = await RawClient.SendTextAsync(hop.Role.AdminUrl, $"POST /api/v1/keys HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer {hop.Admin}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

        Assert.Equal(400, answer.Status);
        Assert.Contains("BAD_REQUEST", answer.Body, StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
