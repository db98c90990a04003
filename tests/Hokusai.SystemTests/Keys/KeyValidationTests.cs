using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>The contract between gateway and auth service.</summary>
public sealed class KeyValidationTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_GoodKey_TellsWhoseItIsAndWhatItMayDo()
    {
        await using var hop = await KeysHop.StartAsync();
        var (id, key) = await hop.CreateAsync("""{"name":"x","user_id":"ada","scopes":["mlflow:read"],"expires_in_days":1}""");

        var (status, verdict) = await hop.ValidateAsync(key, "other");

        Assert.Equal(200, status);
        Assert.Equal(("ada", id, "other"), (Text(verdict, "user_id"), Text(verdict, "key_id"), Text(verdict, "service_id")));
        Assert.Equal(["mlflow:read"], verdict.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()!));
        Assert.True(verdict.TryGetProperty("expires_at", out _));
        Assert.DoesNotContain(key, verdict.GetRawText(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_KeyThatIsNotGood_Is401WithTheReason()
    {
        await using var hop = await KeysHop.StartAsync();
        var (_, ending) = await hop.CreateAsync("""{"name":"x","expires_in_days":1}""");
        var (id, revoked) = await hop.CreateAsync();
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        hop.Time.Advance(TimeSpan.FromDays(1.1));

        await ExpectAsync(hop, ending, "KEY_EXPIRED");
        await ExpectAsync(hop, revoked, "KEY_REVOKED");
        await ExpectAsync(hop, ApiKey.Mint().Reveal(), "KEY_UNKNOWN");
        await ExpectAsync(hop, revoked[..^1], "KEY_UNKNOWN");
        await ExpectAsync(hop, null, "KEY_UNKNOWN");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("""{"service_id":"someone"}""")]
    [InlineData("""{"service_id":""}""")]
    [InlineData("""{"service_id":null}""")]
    [InlineData("""{"service_id":7}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("not json")]
    public async Task Validate_ServiceThatIsNotKnown_Is422WhateverTheKey(string body)
    {
        await using var hop = await KeysHop.StartAsync();

        var (good, error) = await hop.SendAsync("POST", "/api/v1/keys/validate", hop.Admin, body);
        var (bad, _) = await hop.SendAsync("POST", "/api/v1/keys/validate", ApiKey.Mint().Reveal(), body);

        Assert.Equal((422, 422, "SERVICE_UNKNOWN"), (good, bad, Text(error, "error_code")));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_KeyPutWhereTheServiceIdBelongs_IsNotRepeated()
    {
        await using var hop = await KeysHop.StartAsync();

        var (status, error) = await hop.ValidateAsync(hop.Admin, hop.Admin);

        Assert.Equal(422, status);
        Assert.DoesNotContain(hop.Admin, error.GetRawText(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Changes_Revocation_EndsTheWait()
    {
        await using var hop = await KeysHop.StartAsync();
        var (id, _) = await hop.CreateAsync();
        var (_, start) = await hop.SendAsync("GET", "/api/v1/keys/changes?after=-1", null);
        var revision = start.GetProperty("revision").GetInt64();
        Assert.Empty(start.GetProperty("key_ids").EnumerateArray());

        var waiting = hop.SendAsync("GET", $"/api/v1/keys/changes?after={revision}", null);
        await hop.CreateAsync();
        Assert.False(waiting.IsCompleted);
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        var (_, changes) = await waiting.InTime();

        Assert.Equal(revision + 1, changes.GetProperty("revision").GetInt64());
        Assert.Equal([id], changes.GetProperty("key_ids").EnumerateArray().Select(k => k.GetString()!));
        var (_, missed) = await hop.SendAsync("GET", $"/api/v1/keys/changes?after={revision}", null);
        Assert.Equal(changes.GetRawText(), missed.GetRawText());
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Changes_RevisionFromTheFuture_MeansThatAnythingMayHaveChanged()
    {
        await using var hop = await KeysHop.StartAsync();

        var (status, changes) = await hop.SendAsync("GET", "/api/v1/keys/changes?after=1000", null);

        Assert.Equal((200, 0), (status, changes.GetProperty("revision").GetInt64()));
        Assert.False(changes.TryGetProperty("key_ids", out _));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Changes_ServiceStops_WaitEndsAtOnce()
    {
        await using var hop = await KeysHop.StartAsync();
        using var socket = await RawClient.ConnectAsync(hop.Role.Url);
        await socket.SendAsync("GET /api/v1/keys/changes?after=0 HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray()).InTime();
        Assert.Equal(200, (await RawClient.SendAsync(hop.Role.Url, "GET /health HTTP/1.1")).Status);

        await hop.Role.StopAsync().InTime();
    }

    private static async Task ExpectAsync(KeysHop hop, string? key, string code)
    {
        var (status, error) = await hop.ValidateAsync(key);
        Assert.Equal((401, code), (status, Text(error, "error_code")));
        Assert.NotEmpty(Text(error, "message"));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
