using System.Security.Cryptography;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Peppers;
using Hokusai.Keys.Store;
using Hokusai.Storage;
using Hokusai.SystemTests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Keys;

/// <summary>What the key store promises on both engines.</summary>
public abstract class KeyStoreTests : IDisposable
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Actor = "key_admin";

    private static readonly KeyTerms Plain = new("a key", "ada", [Scopes.Read], null, null, null, KeyLimits.None);
    private static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    private readonly TestFolder _folder = new();
    // At noon: what is told once a day must not meet midnight between two looks.
    private readonly HeldTime _time = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Deadlines.Test)]
    public async Task Open_StoreOfTheFirstSchema_KeepsItsKeys()
    {
        var location = await LocationAsync();
        var hasher = Hasher();
        var key = ApiKey.Mint();
        using (var old = Database.Open(location, new Schema("keys", [KeySchema.Schema.Steps[0]])))
        {
            await old.WriteAsync(
                session => session.Execute(
                    "INSERT INTO api_keys (key_id, hash, display, name, user_id, scopes, created_ms, expires_ms) VALUES ('key_old', $1, $2, 'old', 'ada', 'mlflow:read,admin', 1000, NULL)", hasher.Hash(key), key.Display),
                Cancellation);
        }

        using var database = Database.Open(location, KeySchema.Schema);
        var found = (await StoreOf(database, hasher).FindAsync(key, Cancellation))!;

        Assert.Equal(("key_old", "old", "ada", KeyStatus.Active), (found.Id, found.Terms.Name, found.Terms.UserId, found.Status(_time.GetUtcNow())));
        Assert.Equal([Scopes.Read, Scopes.Admin], found.Terms.Scopes);
        Assert.Equal((KeyLimits.None, null, null, null), (found.Terms.Limits, found.LastUse, found.Succession, found.Disabled));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Add_AllTerms_AreReadBack()
    {
        using var opened = await OpenAsync();
        var limits = new KeyLimits(3600, ["10.0.0.0/8", "2001:db8::/32"], new KeyGrants(["churn-*", "!*-secret"], []), new KeyQuotas(long.MaxValue, 7));
        var terms = new KeyTerms("Ünïcode 🌊", "ada", Scopes.All, DateTimeOffset.FromUnixTimeMilliseconds(4_000_000_000_123), "ada@example.org", "production", limits);

        var added = await opened.Store.AddAsync(ApiKey.Mint(), terms, Actor, Cancellation);
        var read = (await opened.Store.GetAsync(added.Id, Cancellation))!;

        Assert.Equivalent(terms, read.Terms, strict: true);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Import_AnyKeyOfTheForm_IsFoundAfterwards()
    {
        using var opened = await OpenAsync();
        List<string> texts = [.. from prefix in (string[])[ApiKey.LivePrefix, ApiKey.TestPrefix] from c in "09AZaz" select prefix + new string(c, 32)];
        for (var i = 0; i < 2000; i++) texts.Add((i % 2 == 0 ? ApiKey.LivePrefix : ApiKey.TestPrefix) + RandomNumberGenerator.GetString(Alphabet, 32));
        // Keys that differ in one place only, and in case only.
        texts.AddRange(Enumerable.Range(0, 32).Select(i => texts[^1][..(8 + i)] + (texts[^1][8 + i] == 'q' ? 'Q' : 'q') + texts[^1][(9 + i)..]));
        var keys = texts.Distinct().Select(text => ApiKey.TryParse(text, out var key) ? key : throw new InvalidOperationException()).ToList();

        var stored = await opened.Store.ImportAsync([.. keys.Select((key, i) => (key, Plain with { Name = $"{i}" }))], Actor, Cancellation);

        Assert.All(stored, entry => Assert.False(entry.Known));
        Assert.Contains(keys, key => !key.HasValidChecksum);
        for (var i = 0; i < keys.Count; i++) Assert.Equal((stored[i].Key.Id, $"{i}"), await opened.Store.FindAsync(keys[i], Cancellation) is { } found ? (found.Id, found.Terms.Name) : default);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Import_KnownKey_StaysAsItIs()
    {
        using var opened = await OpenAsync();
        var key = ApiKey.Mint();
        var there = await opened.Store.AddAsync(key, Plain, Actor, Cancellation);

        var stored = await opened.Store.ImportAsync([(ApiKey.Mint(), Plain), (key, Plain with { Scopes = Scopes.All })], Actor, Cancellation);

        Assert.Equal([false, true], stored.Select(entry => entry.Known));
        Assert.Equal(there.Id, stored[1].Key.Id);
        Assert.Equal([Scopes.Read], (await opened.Store.FindAsync(key, Cancellation))!.Terms.Scopes);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Rotate_NobodyUsesTheNewKey_OverlapRunsToItsEnd()
    {
        using var opened = await OpenAsync();
        var (old, _) = await RotateAsync(opened);
        _time.Advance(TimeSpan.FromHours(23.9));
        Assert.Empty(await opened.Store.EndRotationsAsync(Silence, Cancellation));
        Assert.True((await opened.Store.GetAsync(old.Id, Cancellation))!.IsUsable(_time.GetUtcNow()));

        _time.Advance(TimeSpan.FromHours(0.2));

        Assert.Equal(KeyStatus.Rotated, (await opened.Store.GetAsync(old.Id, Cancellation))!.Status(_time.GetUtcNow()));
        var before = (await opened.Store.ChangesAsync(-1, Cancellation)).Revision;
        var ended = Assert.Single(await opened.Store.EndRotationsAsync(Silence, Cancellation));
        Assert.Equal((old.Id, ended.Succession!.OverlapEnds), (ended.Id, ended.Succession.Retired));
        Assert.Equal([old.Id], (await opened.Store.ChangesAsync(before, Cancellation)).KeyIds!);
        Assert.Empty(await opened.Store.EndRotationsAsync(Silence, Cancellation));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Rotate_OldKeyIsSilentWhileTheNewOneIsUsed_OverlapEndsEarly()
    {
        using var opened = await OpenAsync();
        var (old, successor) = await RotateAsync(opened);
        await UseAsync(opened, old.Id);
        _time.Advance(TimeSpan.FromHours(3));
        // Silent for long enough, but the new key is nowhere yet.
        Assert.Empty(await opened.Store.EndRotationsAsync(Silence, Cancellation));
        await UseAsync(opened, old.Id);
        await UseAsync(opened, successor.Id);
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Empty(await opened.Store.EndRotationsAsync(Silence, Cancellation));

        _time.Advance(TimeSpan.FromMinutes(1.1));

        Assert.Equal(old.Id, Assert.Single(await opened.Store.EndRotationsAsync(Silence, Cancellation)).Id);
        Assert.Equal(KeyStatus.Rotated, (await opened.Store.GetAsync(old.Id, Cancellation))!.Status(_time.GetUtcNow()));
        Assert.Equal(KeyStatus.Active, (await opened.Store.GetAsync(successor.Id, Cancellation))!.Status(_time.GetUtcNow()));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("revoked")]
    [InlineData("disabled")]
    public async Task Rotate_NewKeyIsNoGood_OverlapDoesNotEndEarly(string successorIs)
    {
        using var opened = await OpenAsync();
        var (_, successor) = await RotateAsync(opened);
        await UseAsync(opened, successor.Id);
        if (successorIs == "revoked") await opened.Store.RevokeAsync(successor.Id, Actor, leaked: false, Cancellation);
        else await opened.Store.DisableAsync(successor.Id, Actor, Cancellation);
        _time.Advance(TimeSpan.FromHours(5));

        Assert.Empty(await opened.Store.EndRotationsAsync(Silence, Cancellation));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Rotate_ManyAtOnce_OneSucceeds()
    {
        using var opened = await OpenAsync();
        var old = await opened.Store.AddAsync(ApiKey.Mint(), Plain, Actor, Cancellation);

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => opened.Store.RotateAsync(old.Id, ApiKey.Mint(), Plain, TimeSpan.FromHours(1), Actor, Cancellation)));

        var (replaced, successor) = Assert.Single(all, rotation => rotation is not null)!.Value;
        Assert.Equal(successor.Id, replaced.Succession!.SuccessorId);
        Assert.Equal(2, (await opened.Store.ListAsync(Cancellation)).Count);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task AddFirst_ManyAtOnce_OneIsMade()
    {
        using var opened = await OpenAsync();

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => opened.Store.AddFirstAsync(ApiKey.Mint(), Plain, Cancellation)));

        Assert.Single(all, key => key is not null);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task RecordUses_ReportsInAnyOrder_NewestWinsAndCountsAddUp()
    {
        using var opened = await OpenAsync();
        var key = await opened.Store.AddAsync(ApiKey.Mint(), Plain, Actor, Cancellation);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());

        await opened.Store.RecordUsesAsync([new KeyUse(key.Id, now.AddMinutes(-5), "192.0.2.1", "mlflow-python-client/3.4.0", 3), new KeyUse("key_none", now, "192.0.2.9", null, 1)], Cancellation);
        await opened.Store.RecordUsesAsync([new KeyUse(key.Id, now.AddMinutes(-9), "192.0.2.2", "curl/8", 4)], Cancellation);
        await opened.Store.RecordUsesAsync([new KeyUse(key.Id, now.AddMinutes(-1), "192.0.2.3", null, 0)], Cancellation);

        Assert.Equal(new Hokusai.Keys.Administration.KeyLastUse(now.AddMinutes(-1), "192.0.2.3", "mlflow-python-client/3.4.0", 7), (await opened.Store.GetAsync(key.Id, Cancellation))!.LastUse);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task TakeExpiring_KeyNearItsEnd_IsGivenOnceADay()
    {
        using var opened = await OpenAsync();
        var end = _time.GetUtcNow().AddDays(15.5);
        var ending = await opened.Store.AddAsync(ApiKey.Mint(), Plain with { Expires = end }, Actor, Cancellation);
        await opened.Store.AddAsync(ApiKey.Mint(), Plain, Actor, Cancellation);
        var revoked = await opened.Store.AddAsync(ApiKey.Mint(), Plain with { Expires = end }, Actor, Cancellation);
        await opened.Store.RevokeAsync(revoked.Id, Actor, leaked: false, Cancellation);

        var taken = new List<int>();
        for (var day = 0; day < 18; day++)
        {
            var keys = await opened.Store.TakeExpiringAsync(TimeSpan.FromDays(14), Cancellation);
            Assert.All(keys, key => Assert.Equal(ending.Id, key.Id));
            taken.Add(keys.Count);
            Assert.Empty(await opened.Store.TakeExpiringAsync(TimeSpan.FromDays(14), Cancellation));
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal([0, 0, .. Enumerable.Repeat(1, 14), 0, 0], taken);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Changes_ManyWritersAtOnce_AFollowerMissesNone()
    {
        using var opened = await OpenAsync();
        var keys = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => opened.Store.AddAsync(ApiKey.Mint(), Plain, Actor, Cancellation)));
        var seen = new HashSet<string>();
        var revision = 0L;

        var writing = Task.WhenAll(keys.Select(key => opened.Store.DisableAsync(key.Id, Actor, Cancellation)));
        while (!writing.IsCompleted) await FollowAsync();
        await writing;
        await FollowAsync();

        Assert.Equal(keys.Length, seen.Count);

        async Task FollowAsync()
        {
            var changes = await opened.Store.ChangesAsync(revision, Cancellation);
            seen.UnionWith(changes.KeyIds!);
            revision = changes.Revision;
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Where a store can be made that no other test uses.</summary>
    protected abstract Task<string> StoreUriAsync(string folder);

    private static async Task<(StoredKey Old, StoredKey Successor)> RotateAsync(OpenStore opened)
    {
        var old = await opened.Store.AddAsync(ApiKey.Mint(), Plain, Actor, Cancellation);
        return (await opened.Store.RotateAsync(old.Id, ApiKey.Mint(), Plain, TimeSpan.FromHours(24), Actor, Cancellation))!.Value;
    }

    private KeyStore StoreOf(Database database, KeyHasher hasher) => new(database, hasher, new AuditTrail(database, _time), _time, NullLogger.Instance);

    private KeyHasher Hasher() => new([PepperFile.Load(PepperSource.OnlyId, _folder.PathOf("pepper"), create: true)]);

    private Task UseAsync(OpenStore opened, string id) => opened.Store.RecordUsesAsync([new KeyUse(id, _time.GetUtcNow(), "192.0.2.1", null, 1)], Cancellation);

    private async Task<DatabaseLocation> LocationAsync() => DatabaseLocation.TryParse(await StoreUriAsync(_folder.PathOf("")), out var location, out var fault) ? location : throw new InvalidOperationException(fault);

    private async Task<OpenStore> OpenAsync()
    {
        var database = Database.Open(await LocationAsync(), KeySchema.Schema);
        return new OpenStore(database, StoreOf(database, Hasher()));
    }

    private sealed record OpenStore(Database Database, KeyStore Store) : IDisposable
    {
        public void Dispose() => Database.Dispose();
    }
}

public sealed class SqliteKeyStoreTests : KeyStoreTests
{
    protected override Task<string> StoreUriAsync(string folder) => Task.FromResult("sqlite:///" + Path.Combine(folder, "keys.db"));
}

public sealed class PostgresKeyStoreTests(PostgresServer server) : KeyStoreTests
{
    protected override Task<string> StoreUriAsync(string folder) => server.CreateDatabaseAsync();
}
