using System.Security.Cryptography;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Storage;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>What the store of keys promises on both engines: the audit log, peppers and their rotation.</summary>
public abstract class AuditTrailTests
{
    private static readonly Schema FirstSchema = new("keys",
    [
        [
            """
            CREATE TABLE api_keys (key_id {TEXT} PRIMARY KEY, hash {TEXT} NOT NULL UNIQUE, display {TEXT} NOT NULL, name {TEXT} NOT NULL, user_id {TEXT} NOT NULL,
                scopes {TEXT} NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT, revoked_ms BIGINT)
            """,
            "CREATE TABLE api_key_changes (revision {ID}, key_id {TEXT} NOT NULL)",
            "CREATE TABLE api_key_settings (name {TEXT} PRIMARY KEY, value {TEXT} NOT NULL)",
        ],
    ]);

    private static readonly string[] TextColumns = ["at", "act", "actor", "subject", "detail", "previous", "hash"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Where a database can be made that no other test uses; null for a SQLite file of the service's own.</summary>
    protected abstract Task<string?> NewStoreAsync();

    [Fact(Timeout = Deadlines.Test)]
    public async Task Audit_EveryActAndRefusal_IsAnEntryInAWholeChain()
    {
        await using var hop = await StartAsync();
        var (id, key) = await hop.CreateAsync("""{"name":"Ünïcode","user_id":"ada"}""");
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        await hop.SendAsync("POST", "/api/v1/keys/key_none/revoke", hop.Admin);
        for (var i = 0; i < 3; i++) await hop.ValidateAsync(key);
        await hop.ValidateAsync(ApiKey.Mint().Reveal());
        using var refusals = new StringContent($$"""{"uses":[],"denials":[{"reason":"HKS-AUTH-EXPIRED","key_id":"{{id}}","at":"2030-01-01T00:00:00Z","count":7}]}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var taken = await hop.Role.Client().PostAsync("/api/v1/keys/uses", refusals, Cancellation);
        Assert.Equal(200, (int)taken.StatusCode);
        var (_, self) = await hop.SendAsync("GET", "/api/v1/keys/self", hop.Admin);
        var admin = self.GetProperty("key_id").GetString()!;
        await hop.Role.StopAsync();
        await hop.StartRoleAsync();

        var (_, page) = await hop.SendAsync("GET", "/api/v1/keys/audit", hop.Admin);

        var entries = page.Deserialize(AuditJson.Default.AuditPage)!.Entries;
        Assert.Equal(
            [("pepper.change", "service", "1"), ("service.start", "service", "service"), ("key.first", "service", admin), ("key.create", admin, id), ("key.revoke", admin, id)],
            entries.Take(5).Select(entry => (entry.Act, entry.Actor, entry.Subject)));
        Assert.Equal(
            [("KEY_REVOKED", "validate", 3, id), ("KEY_UNKNOWN", "validate", 1, "-"), ("HKS-AUTH-EXPIRED", "gateway", 7, id)],
            entries.Skip(5).Take(3).Select(entry => (Detail(entry, "reason").GetString(), Detail(entry, "source").GetString(), Detail(entry, "count").GetInt32(), entry.Subject)));
        Assert.Equal("service.start", Assert.Single(entries.Skip(8)).Act);
        Assert.Equal("Ünïcode", Detail(entries[3], "name").GetString());
        var report = await VerifyAsync(hop);
        Assert.Equal((true, 9L, $"9:{entries[^1].Hash}"), (report.Intact, report.Last, report.Head));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Audit_LifeOfAKey_EachActIsOneEntryAndOneLogLine()
    {
        await using var hop = await StartAsync();
        var (id, key) = await hop.CreateAsync("""{"name":"a","user_id":"ada","environment":"production","rate_limit_per_hour":7}""");
        await hop.SendAsync("PATCH", $"/api/v1/keys/{id}", hop.Admin, """{"name":"b","rate_limit_per_hour":null}""");
        foreach (var act in (string[])["disable", "disable", "enable", "enable"]) Assert.Equal(200, (await hop.SendAsync("POST", $"/api/v1/keys/{id}/{act}", hop.Admin)).Status);
        var (_, rotation) = await hop.SendAsync("POST", $"/api/v1/keys/{id}/rotate", hop.Admin, """{"overlap_seconds":60}""");
        var successor = rotation.GetProperty("successor");
        hop.Time.Advance(TimeSpan.FromMinutes(2));
        await hop.Role.Logs.HasAsync("key.retire");
        await hop.SendAsync("POST", "/api/v1/keys/revoke-leaked", successor.GetProperty("key").GetString(), $$"""{"key":"{{successor.GetProperty("key").GetString()}}"}""");
        var imported = Enumerable.Range(0, 3).Select(_ => ApiKey.Mint().Reveal()).ToList();
        var (_, import) = await hop.SendAsync("POST", "/api/v1/keys/import", hop.Admin, string.Join('\n', imported.Append(key)));
        await hop.SendAsync("POST", "/api/v1/keys/import", hop.Admin, string.Join('\n', imported));

        var (_, page) = await hop.SendAsync("GET", "/api/v1/keys/audit?after=3", hop.Admin);

        var entries = page.Deserialize(AuditJson.Default.AuditPage)!.Entries;
        var (heir, admin) = (successor.GetProperty("key_id").GetString()!, (await hop.SendAsync("GET", "/api/v1/keys/self", hop.Admin)).Body.GetProperty("key_id").GetString()!);
        Assert.Equal(
            [("key.create", admin, id), ("key.update", admin, id), ("key.disable", admin, id), ("key.enable", admin, id), ("key.rotate", admin, id), ("key.retire", "service", id), ("key.revoke", heir, heir), ("key.import", admin, "keys")],
            entries.Select(entry => (entry.Act, entry.Actor, entry.Subject)));
        Assert.Equal("production", Detail(entries[0], "environment").GetString());
        Assert.Equal(7, Detail(entries[0], "limits").GetProperty("rate_limit_per_hour").GetInt32());
        Assert.Equal("""{"from":{"name":"a","limits":{"rate_limit_per_hour":7}},"to":{"name":"b"}}""", entries[1].Detail);
        Assert.Equal((heir, heir, true), (Detail(entries[4], "successor_id").GetString(), Detail(entries[5], "successor_id").GetString(), Detail(entries[6], "leaked").GetBoolean()));
        Assert.Equal((3, 1, string.Join(',', import.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("key_id").GetString()))), (Detail(entries[7], "imported").GetInt32(), Detail(entries[7], "known").GetInt32(), Detail(entries[7], "key_ids").GetString()));
        Assert.Equal(11, (await VerifyAsync(hop)).Last);
        await hop.Role.Logs.HasAsync(11, "KeyAct");
        foreach (var plain in (string[])[key, successor.GetProperty("key").GetString()!, .. imported]) hop.Role.Logs.Lacks(plain[8..], page.GetRawText());
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Audit_LargeImport_NamesEveryId()
    {
        await using var hop = await StartAsync();
        var (_, import) = await hop.SendAsync("POST", "/api/v1/keys/import", hop.Admin, string.Join('\n', Enumerable.Range(0, 1200).Select(_ => ApiKey.Mint().Reveal())));

        var (_, page) = await hop.SendAsync("GET", "/api/v1/keys/audit?after=3", hop.Admin);

        var entries = page.Deserialize(AuditJson.Default.AuditPage)!.Entries;
        Assert.All(entries, entry => Assert.Equal(("key.import", 1200), (entry.Act, Detail(entry, "imported").GetInt32())));
        Assert.Equal(import.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("key_id").GetString()), entries.SelectMany(entry => Detail(entry, "key_ids").GetString()!.Split(',')));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Audit_ManyActsAtOnce_KeepOneChain()
    {
        await using var hop = await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => hop.CreateAsync()));

        var report = await VerifyAsync(hop);
        Assert.Equal((true, 63L, null), (report.Intact, report.Last, report.Reason));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Audit_TwoServicesOnOneStore_KeepOneChain()
    {
        await using var hop = await StartAsync();
        await using var other = await KeysHop.StartAsync(hop.Store, given => given with { PepperFile = hop.Pepper }, hop.Admin);

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => (i % 2 == 0 ? hop : other).CreateAsync()));

        var report = await VerifyAsync(hop);
        Assert.Equal((true, 34L, null), (report.Intact, report.Last, report.Reason));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Audit_LogCanNotBeWritten_ActIsNotDoneEither()
    {
        await using var hop = await StartAsync();
        var (id, key) = await hop.CreateAsync();
        await ChangeAsync(hop, "DELETE FROM key_audit_head");

        Assert.Equal(503, (await hop.SendAsync("POST", "/api/v1/keys", hop.Admin, """{"name":"x"}""")).Status);
        Assert.Equal(503, (await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin)).Status);

        Assert.Equal(200, (await hop.ValidateAsync(key)).Status);
        Assert.Equal(2, (await hop.SendAsync("GET", "/api/v1/keys", hop.Admin)).Body.GetProperty("keys").GetArrayLength());
        Assert.Equal("truncated", (await VerifyAsync(hop)).Fault);
        await ChangeAsync(hop, "INSERT INTO key_audit_head (id, seq, hash) SELECT 1, seq, hash FROM key_audit ORDER BY seq DESC LIMIT 1");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("changed", 3, "UPDATE key_audit SET actor = 'key_other' WHERE seq = 3")]
    [InlineData("changed", 4, "UPDATE key_audit SET at = '2001-01-01T00:00:00.000Z' WHERE seq = 4")]
    [InlineData("missing", 3, "DELETE FROM key_audit WHERE seq = 3")]
    [InlineData("missing", 1, "DELETE FROM key_audit WHERE seq < 4")]
    [InlineData("reordered", 3, "UPDATE key_audit SET seq = 100 WHERE seq = 3", "UPDATE key_audit SET seq = 3 WHERE seq = 5", "UPDATE key_audit SET seq = 5 WHERE seq = 100")]
    [InlineData("truncated", 5, "DELETE FROM key_audit WHERE seq > 4")]
    [InlineData("truncated", 7, "DELETE FROM key_audit_head")]
    [InlineData("changed", 6, "UPDATE key_audit_head SET hash = 'x'")]
    public async Task Verify_TamperedLog_NamesWhatIsWrongAndWhere(string fault, int at, params string[] tampering)
    {
        await using var hop = await StartAsync();
        for (var i = 0; i < 3; i++) await hop.CreateAsync();
        await hop.Role.StopAsync();
        Assert.True((await VerifyAsync(hop)).Intact);

        foreach (var statement in tampering) await ChangeAsync(hop, statement);

        var report = await VerifyAsync(hop);
        Assert.Equal((false, fault, at), (report.Intact, report.Fault, report.BrokenAt));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Verify_EndCutOffTogetherWithTheHead_IsToldByAnAnchor()
    {
        await using var hop = await StartAsync();
        await hop.CreateAsync();
        var anchor = Head(await VerifyAsync(hop));
        await hop.Role.StopAsync();
        await ChangeAsync(hop, "DELETE FROM key_audit WHERE seq = 4");
        await ChangeAsync(hop, "UPDATE key_audit_head SET seq = 3, hash = (SELECT hash FROM key_audit WHERE seq = 3)");

        Assert.True((await VerifyAsync(hop)).Intact);
        var report = await VerifyAsync(hop, anchor);

        Assert.Equal(("truncated", 4), (report.Fault, report.BrokenAt));
    }

    /// <summary>A sample of what the unit tests do to every byte, in the database itself.</summary>
    [Fact(Timeout = Deadlines.Test)]
    public async Task Verify_AnyByteOfAnyColumnChanged_IsFound()
    {
        await using var hop = await StartAsync();
        await hop.CreateAsync();
        await hop.Role.StopAsync();
        var random = new Random(20_261_123);

        for (var i = 0; i < 3 * TextColumns.Length; i++)
        {
            var (seq, column) = (random.Next(1, 5), TextColumns[i % TextColumns.Length]);
            var before = await ReadAsync(hop, session => session.First($"SELECT {column} FROM key_audit WHERE seq = $1", row => row.GetString(0), (long)seq))!;
            var place = random.Next(before!.Length);
            var other = (char)random.Next(' ', '~');
            if (other == before[place]) other++;
            await ChangeAsync(hop, $"UPDATE key_audit SET {column} = $1 WHERE seq = $2", $"{before[..place]}{other}{before[(place + 1)..]}", (long)seq);

            Assert.False((await VerifyAsync(hop)).Intact, $"{column} of entry {seq}, character {place} from {before[place]} to {other}");
            await ChangeAsync(hop, $"UPDATE key_audit SET {column} = $1 WHERE seq = $2", before, (long)seq);
        }
        Assert.True((await VerifyAsync(hop)).Intact);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Store_EveryColumnOfEveryTable_HoldsNoMoreOfAKeyThanItsDisplay()
    {
        await using var hop = await StartAsync();
        var (id, key) = await hop.CreateAsync();
        var unknown = ApiKey.Mint().Reveal();
        await hop.ValidateAsync(key);
        await hop.ValidateAsync(unknown);
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        await hop.ValidateAsync(key);
        await hop.Role.StopAsync();

        var all = await ReadAsync(hop, session => string.Join('\n', Tables(session).SelectMany(table => session.Query($"SELECT * FROM {table}", row => string.Join('|', Enumerable.Range(0, row.FieldCount).Select(row.GetValue))))));

        Assert.Contains("key.denied", all, StringComparison.Ordinal);
        foreach (var plain in (string[])[key, hop.Admin, unknown])
            for (var i = ApiKey.LivePrefix.Length; i + 6 <= plain.Length; i++) Assert.DoesNotContain(plain.Substring(i, 6), all, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Peppers_Rotation_KeysGoOnAndMoveToTheNewest()
    {
        await using var hop = await StartAsync();
        var (_, seen) = await hop.CreateAsync();
        var (late, unseen) = await hop.CreateAsync();
        await hop.Role.StopAsync();
        await File.WriteAllTextAsync(hop.PathOf("second"), NewPepper(), Cancellation);

        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}", $"1=file:{hop.Pepper}"] };
        await hop.StartRoleAsync();
        Assert.Equal(200, (await hop.ValidateAsync(seen)).Status);
        Assert.Equal(200, (await hop.ValidateAsync(seen)).Status);
        var (_, made) = await hop.CreateAsync();

        // The admin's key was seen too; one has not been.
        Assert.Equal([("2", "newest", 3, 3), ("1", "older", 1, 1)], await PeppersAsync(hop));
        Assert.Equal("pepper.change", (await hop.SendAsync("GET", "/api/v1/keys/audit?after=5", hop.Admin)).Body.GetProperty("entries")[0].GetProperty("act").GetString());
        await hop.Role.StopAsync();
        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}"] };
        var failure = await Assert.ThrowsAsync<CommandFailure>(hop.StartRoleAsync);
        Assert.Contains("the pepper '1' is missing: 1 key in ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, failure.ExitCode);

        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}", $"1=file:{hop.Pepper}"] };
        await hop.StartRoleAsync();
        Assert.Equal(200, (await hop.ValidateAsync(unseen)).Status);
        Assert.Equal([("2", "newest", 4, 4), ("1", "older", 0, 0)], await PeppersAsync(hop));
        await hop.Role.StopAsync();
        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}"] };
        await hop.StartRoleAsync();
        foreach (var key in (string[])[seen, unseen, made, hop.Admin]) Assert.Equal(200, (await hop.ValidateAsync(key)).Status);
        Assert.Equal(late, (await hop.ValidateAsync(unseen)).Body.GetProperty("key_id").GetString());
        Assert.True((await VerifyAsync(hop)).Intact);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Peppers_RotateImportAndLeak_GoOverAllPeppersToTheNewest()
    {
        await using var hop = await StartAsync();
        var (id, _) = await hop.CreateAsync();
        var (_, known) = await hop.CreateAsync();
        var (lostId, lost) = await hop.CreateAsync();
        await hop.Role.StopAsync();
        await File.WriteAllTextAsync(hop.PathOf("second"), NewPepper(), Cancellation);
        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}", $"1=file:{hop.Pepper}"] };
        await hop.StartRoleAsync();

        var (_, import) = await hop.SendAsync("POST", "/api/v1/keys/import", hop.Admin, $"{known}\n{ApiKey.Mint().Reveal()}");
        Assert.Equal((1, 1), (import.GetProperty("keys").GetArrayLength(), import.GetProperty("duplicates").GetArrayLength()));
        Assert.Equal([("2", "newest", 3, 3), ("1", "older", 2, 2)], await PeppersAsync(hop));
        var (_, rotation) = await hop.SendAsync("POST", $"/api/v1/keys/{id}/rotate", hop.Admin, """{"overlap_seconds":60}""");
        Assert.Equal([("2", "newest", 4, 4), ("1", "older", 2, 2)], await PeppersAsync(hop));
        var (status, revoked) = await hop.SendAsync("POST", "/api/v1/keys/revoke-leaked", lost, $$"""{"key":"{{lost}}"}""");
        Assert.Equal((200, lostId), (status, revoked.GetProperty("key_id").GetString()));
        Assert.Equal([("2", "newest", 5, 4), ("1", "older", 1, 1)], await PeppersAsync(hop));
        hop.Time.Advance(TimeSpan.FromMinutes(2));

        // The old key's overlap is over, so nothing hangs on the old pepper any more.
        Assert.Equal([("2", "newest", 5, 4), ("1", "older", 1, 0)], await PeppersAsync(hop));
        await hop.Role.StopAsync();
        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}"] };
        await hop.StartRoleAsync();
        Assert.Equal(200, (await hop.ValidateAsync(rotation.GetProperty("successor").GetProperty("key").GetString())).Status);
        Assert.Equal(200, (await hop.ValidateAsync(known)).Status);
    }

    /// <summary>A store from before peppers had ids.</summary>
    [Fact(Timeout = Deadlines.Test)]
    public async Task Open_StoreOfTheFirstSchema_KeysStayAndHangOnPepper1()
    {
        using var folder = new TestFolder();
        var uri = await NewStoreAsync() ?? folder.Sqlite("old.db");
        var (key, secret) = (ApiKey.Mint(), Convert.FromBase64String(NewPepper()));
        Assert.True(DatabaseLocation.TryParse(uri, out var location, out _));
        using (var old = Database.Open(location, FirstSchema, readers: 1))
        {
            await old.WriteAsync(session => session.Execute("INSERT INTO api_key_settings (name, value) VALUES ('pepper', $1)", Hmac(secret, "hokusai pepper"u8.ToArray())[..16]), Cancellation);
            await old.WriteAsync(session => session.Execute("INSERT INTO api_keys (key_id, hash, display, name, user_id, scopes, created_ms) VALUES ('key_old', $1, $2, 'n', 'u', 'admin', 1)", Hmac(secret, key.ToBytes()), key.Display), Cancellation);
        }
        await File.WriteAllTextAsync(folder.PathOf("wrong"), NewPepper(), Cancellation);
        await File.WriteAllTextAsync(folder.PathOf("right"), Convert.ToBase64String(secret), Cancellation);

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => KeysHop.StartAsync(uri, given => given with { PepperFile = folder.PathOf("wrong") }));
        await using var hop = await KeysHop.StartAsync(uri, given => given with { PepperFile = folder.PathOf("right") }, key.Reveal());

        Assert.Contains("the pepper '1' does not belong to the keys in", failure.Message, StringComparison.Ordinal);
        Assert.Equal("key_old", (await hop.ValidateAsync(key.Reveal())).Body.GetProperty("key_id").GetString());
        Assert.Equal([("1", "newest", 1, 1)], await PeppersAsync(hop));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Peppers_KeysThatEnded_DoNotHoldTheirPepper()
    {
        await using var hop = await StartAsync();
        var (id, revoked) = await hop.CreateAsync();
        await hop.CreateAsync("""{"name":"x","expires_in_days":1}""");
        await hop.SendAsync("POST", $"/api/v1/keys/{id}/revoke", hop.Admin);
        await hop.Role.StopAsync();
        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}", $"1=file:{hop.Pepper}"] };
        await File.WriteAllTextAsync(hop.PathOf("second"), NewPepper(), Cancellation);
        await hop.StartRoleAsync();
        await hop.ValidateAsync(hop.Admin);
        hop.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal([("2", "newest", 1, 1), ("1", "older", 2, 0)], await PeppersAsync(hop));
        await hop.Role.StopAsync();

        hop.Options = given => given with { Peppers = [$"2=file:{hop.PathOf("second")}"] };
        await hop.StartRoleAsync();

        Assert.Equal([("2", "newest", 1, 1), ("1", "not configured", 2, 0)], await PeppersAsync(hop));
        Assert.Equal("KEY_UNKNOWN", (await hop.ValidateAsync(revoked)).Body.GetProperty("error_code").GetString());
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Peppers_AllThatIsWrong_IsToldAtOnce()
    {
        await using var hop = await StartAsync();
        await hop.Role.StopAsync();
        await File.WriteAllTextAsync(hop.PathOf("second"), NewPepper(), Cancellation);

        hop.Options = given => given with { Peppers = [$"1=file:{hop.PathOf("second")}", $"old=file:{hop.Pepper}"] };
        var failure = await Assert.ThrowsAsync<CommandFailure>(hop.StartRoleAsync);

        Assert.Contains("the pepper '1' does not belong to the keys in", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the pepper 'old' is the secret that", failure.Message, StringComparison.Ordinal);
        Assert.Contains("knows as '1'; call it 1", failure.Message, StringComparison.Ordinal);
    }

    private static string NewPepper() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static string Hmac(byte[] secret, byte[] text) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, text));

    private static JsonElement Detail(AuditEntry entry, string name) => JsonDocument.Parse(entry.Detail).RootElement.GetProperty(name);

    private static AuditHead Head(AuditReport report) => report.Head!.Split(':') is [var seq, var hash] ? new AuditHead(long.Parse(seq, System.Globalization.CultureInfo.InvariantCulture), hash) : throw new FormatException(report.Head);

    private static async Task<IEnumerable<(string?, string?, int, int)>> PeppersAsync(KeysHop hop) => (await hop.SendAsync("GET", "/api/v1/keys/peppers", hop.Admin)).Body.GetProperty("peppers").EnumerateArray()
        .Select(p => (p.GetProperty("pepper_id").GetString(), p.GetProperty("state").GetString(), p.GetProperty("keys").GetInt32(), p.GetProperty("usable_keys").GetInt32())).ToList();

    private static Task<AuditReport> VerifyAsync(KeysHop hop, params AuditHead[] anchors) => AuditStore.VerifyAsync(Location(hop), anchors, Cancellation);

    private static async Task ChangeAsync(KeysHop hop, string sql, params object?[] values)
    {
        using var database = Database.OpenExisting(Location(hop), readers: 1);
        await database.WriteAsync(session => session.Execute(sql, values), Cancellation);
    }

    private static async Task<T> ReadAsync<T>(KeysHop hop, Func<Session, T> read)
    {
        using var database = Database.OpenExisting(Location(hop), readers: 1);
        return await database.ReadAsync(read, Cancellation);
    }

    private static List<string> Tables(Session session) => session.Query(
        session.Engine == DatabaseEngine.Sqlite ? "SELECT name FROM sqlite_master WHERE type = 'table'" : "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()", row => row.GetString(0));

    private static DatabaseLocation Location(KeysHop hop)
    {
        Assert.True(DatabaseLocation.TryParse(hop.Store, out var location, out var fault), fault);
        return location;
    }

    private async Task<KeysHop> StartAsync() => await KeysHop.StartAsync(await NewStoreAsync());
}

public sealed class SqliteAuditTrailTests : AuditTrailTests
{
    protected override Task<string?> NewStoreAsync() => Task.FromResult<string?>(null);
}

public sealed class PostgresAuditTrailTests(PostgresServer server) : AuditTrailTests
{
    protected override async Task<string?> NewStoreAsync() => await server.CreateDatabaseAsync();
}
