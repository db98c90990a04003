using System.Net;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>The life of keys over HTTP, on both engines.</summary>
public abstract class KeyLifeCycleTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Create_AllFields_AreShownAndToldToGateways()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        const string Limits = """
            "rate_limit_per_hour":3600,"allowed_networks":["10.0.0.0/8","192.0.2.7/32"],"grants":{"experiments":["churn-*","!*-secret"],"models":[]},"quotas":{"bytes_per_day":1000,"runs_per_day":5}
            """;
        var (id, key) = await hop.CreateAsync($$"""{"name":"all","user_id":"ada","email":"ada@example.org","environment":"production","scopes":["admin"],"expires_at":"2095-01-01T00:00:00Z",{{Limits.Replace("192.0.2.7/32", "192.0.2.7", StringComparison.Ordinal)}}}""".Replace("2095", (hop.Time.GetUtcNow().Year + 2).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));

        var (_, shown) = await hop.SendAsync("GET", $"/api/v1/keys/{id}", hop.Admin);
        var (_, verdict) = await hop.ValidateAsync(key);

        Assert.Equal(("ada@example.org", "production"), (Text(shown, "email"), Text(shown, "environment")));
        Assert.Contains(Limits.Trim(), shown.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(("ada@example.org", "production", Text(shown, "expires_at")), (Text(verdict, "email"), Text(verdict, "environment"), Text(verdict, "expires_at")));
        foreach (var field in (string[])["rate_limit_per_hour", "allowed_networks", "grants", "quotas"]) Assert.Equal(shown.GetProperty(field).GetRawText(), verdict.GetProperty(field).GetRawText());
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Rotate_OverlapEnds_OldKeyIsRefusedWithItsSuccessorsId()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var (id, old) = await hop.CreateAsync("""{"name":"x","user_id":"ada","scopes":["model:write"],"environment":"e","rate_limit_per_hour":7,"expires_in_days":30,"grants":{"models":["churn-*"]},"test":true}""");
        hop.Time.Advance(TimeSpan.FromDays(10));

        var (status, rotation) = await hop.SendAsync("POST", $"/api/v1/keys/{id}/rotate", hop.Admin, """{"overlap_seconds":3600}""");

        var (successor, replaced) = (rotation.GetProperty("successor"), rotation.GetProperty("replaced"));
        Assert.Equal((200, "rotating", Text(successor, "key_id")), (status, Text(replaced, "status"), Text(replaced, "successor_id")));
        foreach (var field in (string[])["name", "user_id", "scopes", "environment", "rate_limit_per_hour", "grants"]) Assert.Equal(replaced.GetProperty(field).GetRawText(), successor.GetProperty(field).GetRawText());
        Assert.Equal(30, (successor.GetProperty("expires_at").GetDateTimeOffset() - successor.GetProperty("created_at").GetDateTimeOffset()).TotalDays, 0.01);
        var (good, verdict) = await hop.ValidateAsync(old);
        Assert.Equal((200, Text(replaced, "overlap_ends_at")), (good, Text(verdict, "expires_at")));
        Assert.Equal(200, (await hop.ValidateAsync(Text(successor, "key"))).Status);
        Assert.StartsWith(ApiKey.TestPrefix, Text(successor, "key"), StringComparison.Ordinal);
        Assert.Equal(409, (await hop.SendAsync("POST", $"/api/v1/keys/{id}/rotate", hop.Admin)).Status);

        hop.Time.Advance(TimeSpan.FromHours(1.01));

        var (refused, error) = await hop.ValidateAsync(old);
        Assert.Equal((401, "KEY_REVOKED"), (refused, Text(error, "error_code")));
        Assert.Contains(Text(successor, "key_id"), Text(error, "message"), StringComparison.Ordinal);
        Assert.Equal(200, (await hop.ValidateAsync(Text(successor, "key"))).Status);
        Assert.Equal("rotated", Text((await hop.SendAsync("GET", $"/api/v1/keys/{id}", hop.Admin)).Body, "status"));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Rotate_OldKeyFallsSilent_EndIsPushedToGateways()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var (id, old) = await hop.CreateAsync();
        var (_, rotation) = await hop.SendAsync("POST", $"/api/v1/keys/{id}/rotate", hop.Admin);
        await ReportAsync(hop, id, 3);
        await ReportAsync(hop, Text(rotation.GetProperty("successor"), "key_id"), 1);
        var (_, start) = await hop.SendAsync("GET", "/api/v1/keys/changes?after=-1", null);
        hop.Time.Advance(TimeSpan.FromMinutes(61));

        var (_, changes) = await hop.SendAsync("GET", $"/api/v1/keys/changes?after={start.GetProperty("revision").GetInt64()}", null).InTime();

        Assert.Equal([id], changes.GetProperty("key_ids").EnumerateArray().Select(k => k.GetString()!));
        Assert.Equal("KEY_REVOKED", Text((await hop.ValidateAsync(old)).Body, "error_code"));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task DisableEnableUpdateRotateRevoke_Each_IsToldToGateways()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var (id, key) = await hop.CreateAsync();

        await ExpectChangeAsync("disable", null, 401, "KEY_DISABLED");
        await ExpectChangeAsync("enable", null, 200, null);
        var (_, updated) = await ExpectChangeAsync("", """{"rate_limit_per_hour":9,"allowed_networks":["10.0.0.0/8"]}""", 200, null);
        Assert.Equal((9, "a key"), (updated.GetProperty("rate_limit_per_hour").GetInt32(), Text(updated, "name")));
        (_, updated) = await ExpectChangeAsync("", """{"rate_limit_per_hour":null,"expires_in_days":3}""", 200, null);
        Assert.False(updated.TryGetProperty("rate_limit_per_hour", out _));
        Assert.True(updated.TryGetProperty("allowed_networks", out _) && updated.TryGetProperty("expires_at", out _));
        (_, updated) = await ExpectChangeAsync("", """{"expires_at":null}""", 200, null);
        Assert.False(updated.TryGetProperty("expires_at", out _));
        await ExpectChangeAsync("rotate", null, 200, null);
        await ExpectChangeAsync("revoke", null, 401, "KEY_REVOKED");
        foreach (var act in (string[])["disable", "enable", "rotate"]) Assert.Equal(409, (await hop.SendAsync("POST", $"/api/v1/keys/{id}/{act}", hop.Admin)).Status);

        async Task<(int Status, JsonElement Body)> ExpectChangeAsync(string act, string? body, int valid, string? code)
        {
            var (_, before) = await hop.SendAsync("GET", "/api/v1/keys/changes?after=-1", null);
            var changed = await hop.SendAsync(act.Length == 0 ? "PATCH" : "POST", $"/api/v1/keys/{id}/{act}".TrimEnd('/'), hop.Admin, body);
            Assert.Equal(200, changed.Status);
            var (_, changes) = await hop.SendAsync("GET", $"/api/v1/keys/changes?after={before.GetProperty("revision").GetInt64()}", null).InTime();
            Assert.Equal([id], changes.GetProperty("key_ids").EnumerateArray().Select(k => k.GetString()!));
            var (status, verdict) = await hop.ValidateAsync(key);
            Assert.Equal((valid, code), (status, verdict.TryGetProperty("error_code", out var found) ? found.GetString() : null));
            return changed;
        }
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Uses_Reports_AreShownAsTheLastUse()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var (id, _) = await hop.CreateAsync();
        var exposed = ApiKey.Mint().Reveal();
        var at = hop.Time.GetUtcNow().AddSeconds(-30);

        await ReportAsync(hop, id, 3, at);
        await ReportAsync(hop, id, 4, at.AddSeconds(10), $"tool\r\n{exposed}");
        var (future, _) = await ReportAsync(hop, id, -5, at.AddDays(400), "future/1");

        Assert.Equal(200, future);
        var (_, list) = await hop.SendAsync("GET", "/api/v1/keys", hop.Admin);
        var use = list.GetProperty("keys").EnumerateArray().Single(k => Text(k, "key_id") == id).GetProperty("last_use");
        Assert.Equal((7, "192.0.2.1", "future/1"), (use.GetProperty("count").GetInt64(), Text(use, "client_ip"), Text(use, "client")));
        Assert.InRange(use.GetProperty("at").GetDateTimeOffset(), at, hop.Time.GetUtcNow());
        hop.Role.Logs.Lacks(exposed, list.GetRawText());
        foreach (var body in (string[])["", "[]", "null", "{}", """{"uses":null}""", """{"uses":[{"at":7}]}"""]) Assert.Equal(400, (await hop.SendAsync("POST", "/api/v1/keys/uses", null, body)).Status);
        Assert.Equal(200, (await hop.SendAsync("POST", "/api/v1/keys/uses", null, """{"uses":[null],"denials":[null,{"reason":"HKS-AUTH-EXPIRED","at":"2026-01-01T00:00:00Z","count":3}]}""")).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task RevokeLeaked_ByTheKeyItselfOrAnAdmin_AndByNobodyElse()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var (id, lost) = await hop.CreateAsync();
        var (_, other) = await hop.CreateAsync();

        Assert.Equal(403, await RevokeAsync(lost, other));
        Assert.Equal(401, await RevokeAsync(lost, null));
        Assert.Equal(401, await RevokeAsync(lost, ApiKey.Mint().Reveal()));
        Assert.Equal(400, await RevokeAsync(lost[..^1], hop.Admin));
        Assert.Equal(404, await RevokeAsync(ApiKey.Mint().Reveal(), hop.Admin));
        Assert.Equal(200, (await hop.ValidateAsync(lost)).Status);
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/disable", hop.Admin);

        Assert.Equal(200, await RevokeAsync(lost, lost));
        Assert.Equal(200, await RevokeAsync(lost, lost));
        Assert.Equal(200, await RevokeAsync(other, hop.Admin));

        foreach (var key in (string[])[lost, other]) Assert.Equal("KEY_REVOKED", Text((await hop.ValidateAsync(key)).Body, "error_code"));
        hop.Role.Logs.Lacks(lost);

        // Through the load balancer too.
        async Task<int> RevokeAsync(string key, string? bearer)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/keys/revoke-leaked") { Content = new StringContent($$"""{"key":"{{key}}"}""", Encoding.UTF8, "application/json") };
            if (bearer is not null) request.Headers.Authorization = new("Bearer", bearer);
            request.Headers.Add("X-Forwarded-For", "192.0.2.1");
            using var answer = await hop.Role.Client().SendAsync(request, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(key, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            return (int)answer.StatusCode;
        }
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Import_FileWithAFault_ImportsNothingAndPrintsNoKey()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var keys = Enumerable.Range(0, 5).Select(_ => ApiKey.Mint().Reveal()).ToList();

        var (status, denial) = await hop.SendAsync("POST", "/api/v1/keys/import", hop.Admin, $"{keys[0]}\n{keys[1][..^3]}\n\n{{\"key\":\"{keys[2]}\",\"scopes\":[\"{keys[3]}\"]}}\n{{\"{keys[4]}\":1}}");

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (status, Text(denial, "error_code")));
        Assert.Equal([2, 4, 5], denial.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("line").GetInt32()));
        foreach (var key in keys) hop.Role.Logs.Lacks(key[8..^3], denial.GetRawText());
        Assert.Equal(1, (await hop.SendAsync("GET", "/api/v1/keys", hop.Admin)).Body.GetProperty("keys").GetArrayLength());

        var (good, imported) = await hop.SendAsync("POST", "/api/v1/keys/import", hop.Admin, $"{keys[0]}\n{keys[0]}\n{hop.Admin}");
        Assert.Equal((200, 1), (good, imported.GetProperty("keys").GetArrayLength()));
        Assert.Equal([2, 3], imported.GetProperty("duplicates").EnumerateArray().Select(note => note.GetProperty("line").GetInt32()));
        Assert.Equal(200, (await hop.ValidateAsync(keys[0])).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task List_Filters_LeaveWhatTheyName()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var (soon, _) = await hop.CreateAsync("""{"name":"soon","user_id":"ada","environment":"production","expires_in_days":10}""");
        var (late, _) = await hop.CreateAsync("""{"name":"late","user_id":"ada","environment":"staging","expires_in_days":20}""");
        var (off, _) = await hop.CreateAsync("""{"name":"off","user_id":"bob","expires_in_days":5}""");
        await hop.SendAsync("POST", $"/api/v1/keys/{off}/disable", hop.Admin);

        Assert.Equal([soon, late], await IdsAsync("owner=ada"));
        Assert.Equal([soon], await IdsAsync("owner=ada&environment=production"));
        Assert.Equal([off], await IdsAsync("status=disabled"));
        Assert.Equal([soon], await IdsAsync("expiring=true"));
        foreach (var wrong in (string[])["status=gone", "user=ada", "expiring=soon"]) Assert.Equal(400, (await hop.SendAsync("GET", "/api/v1/keys?" + wrong, hop.Admin)).Status);

        async Task<IEnumerable<string>> IdsAsync(string query) => (await hop.SendAsync("GET", "/api/v1/keys?" + query, hop.Admin)).Body.GetProperty("keys").EnumerateArray().Select(key => Text(key, "key_id"));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Log_KeyNearItsEnd_IsWarnedOfWithoutAskingAnybody()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        var (id, key) = await hop.CreateAsync("""{"name":"x","user_id":"ada","expires_in_days":10}""");

        await hop.Role.Logs.HasAsync("KeyExpiring");

        var line = await hop.Role.Logs.OneAsync(entry => entry.Contains("KeyExpiring", StringComparison.Ordinal));
        foreach (var word in (string[])[id, "ada", key[..12], "Warning"]) Assert.Contains(word, line, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Listeners_EachRoute_IsWhereItBelongsAndNowhereElse()
    {
        await using var hop = await KeysHop.StartAsync(await StoreAsync());
        (string Method, string Path)[] administration = [("POST", ""), ("GET", ""), ("POST", "/import"), ("GET", "/openapi.json"), ("GET", "/audit"), ("GET", "/peppers"), ("GET", "/key_1"), ("PATCH", "/key_1"), ("POST", "/key_1/rotate"), ("POST", "/key_1/disable"), ("POST", "/key_1/enable"), ("POST", "/key_1/revoke")];
        (string Method, string Path)[] gateways = [("GET", "/changes"), ("POST", "/uses")];
        (string Method, string Path)[] clients = [("POST", "/validate"), ("GET", "/self")];

        Assert.All(await Task.WhenAll(administration.Select(route => MissingAsync(hop.Role.Client(hop.Admin), route))), Assert.True);
        Assert.All(await Task.WhenAll(administration.Select(route => MissingAsync(hop.Role.AdminClient(hop.Admin), route))), Assert.False);
        Assert.All(await Task.WhenAll(administration.Concat(gateways).Select(route => MissingAsync(hop.Role.AdminClient(hop.Admin), route, outside: true))), Assert.True);
        // There, "changes" and "self" could be the id of a key.
        Assert.All(await Task.WhenAll(gateways.Concat(clients).Select(route => MissingAsync(hop.Role.AdminClient(hop.Admin), route, code: ""))), Assert.True);
        Assert.All(await Task.WhenAll(gateways.Select(route => MissingAsync(hop.Role.Client(hop.Admin), route, outside: true))), Assert.True);
        Assert.All(await Task.WhenAll(clients.Select(route => MissingAsync(hop.Role.Client(hop.Admin), route, outside: true))), Assert.False);

        static async Task<bool> MissingAsync(HttpClient client, (string Method, string Path) route, bool outside = false, string code = "ENDPOINT_NOT_FOUND")
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), "/api/v1/keys" + route.Path);
            if (outside) request.Headers.Add("X-Forwarded-For", "192.0.2.1");
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.NotFound && (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(code, StringComparison.Ordinal);
        }
    }

    /// <summary>Where a store can be made that no other test uses; null for SQLite.</summary>
    protected abstract Task<string?> StoreAsync();

    private static Task<(int Status, JsonElement Body)> ReportAsync(KeysHop hop, string id, long count, DateTimeOffset? at = null, string client = "mlflow-python-client/3.4.0") => hop.SendAsync(
        "POST", "/api/v1/keys/uses", null, JsonSerializer.Serialize(new KeyUses([new KeyUse(id, at ?? hop.Time.GetUtcNow(), "192.0.2.1", client, count)]), KeyValidationJson.Default.KeyUses));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}

public sealed class SqliteKeyLifeCycleTests : KeyLifeCycleTests
{
    protected override Task<string?> StoreAsync() => Task.FromResult<string?>(null);
}

public sealed class PostgresKeyLifeCycleTests(PostgresServer server) : KeyLifeCycleTests
{
    protected override async Task<string?> StoreAsync() => await server.CreateDatabaseAsync();
}
