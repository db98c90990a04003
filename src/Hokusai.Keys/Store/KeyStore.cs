using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Peppers;
using Hokusai.Storage;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys.Store;

/// <summary>Keys in the database, and the list of their changes that gateways follow. Each act is recorded in the transaction that does it.</summary>
internal sealed partial class KeyStore(Database database, KeyHasher hasher, IAuditTrail audit, TimeProvider time, ILogger logger)
{
    // As many as an entry of the audit log has room for.
    private const int MostIdsAnEntry = 500;

    private const string Columns = """
        key_id, display, name, user_id, scopes, created_ms, expires_ms, revoked_ms, email, environment, limits, disabled_ms, successor_id, overlap_ends_ms, retired_ms,
        last_used_ms, last_used_ip, last_used_client, use_count
        """;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Keeps a new key.</summary>
    public Task<StoredKey> AddAsync(ApiKey key, KeyTerms terms, string actor, CancellationToken cancellation) => ActAsync(
        (session, acts) =>
        {
            var stored = Insert(session, key, terms);
            acts.Add(new KeyAct(AuditActs.Create, actor, stored.Id, KeyAct.Describe(stored)));
            return stored;
        },
        cancellation);

    /// <summary>Keeps a new key if there is none at all.</summary>
    /// <returns>The key, or null if there is one already.</returns>
    public Task<StoredKey?> AddFirstAsync(ApiKey key, KeyTerms terms, CancellationToken cancellation) => ActAsync(
        (session, acts) =>
        {
            // Two services that start at once on one store must not issue two.
            OneAtATime(session);
            if (session.Number("SELECT count(*) FROM api_keys") > 0) return null;
            var stored = Insert(session, key, terms);
            acts.Add(new KeyAct(AuditActs.FirstKey, AuditActs.Service, stored.Id, KeyAct.Describe(stored)));
            return stored;
        },
        cancellation);

    /// <summary>Keeps keys that exist elsewhere, all or none.</summary>
    /// <returns>For each the stored key, and whether it was there before.</returns>
    public Task<List<(StoredKey Key, bool Known)>> ImportAsync(IReadOnlyList<(ApiKey Key, KeyTerms Terms)> keys, string actor, CancellationToken cancellation) => ActAsync(
        (session, acts) =>
        {
            List<(StoredKey Key, bool Known)> stored = [.. keys.Select(entry => Known(session, entry.Key) is { } known ? (known, true) : (Insert(session, entry.Key, entry.Terms), false))];
            var ids = stored.Where(entry => !entry.Known).Select(entry => entry.Key.Id).ToList();
            foreach (var some in ids.Chunk(MostIdsAnEntry))
                acts.Add(new KeyAct(AuditActs.Import, actor, "keys", new JsonObject { ["imported"] = ids.Count, ["known"] = stored.Count - ids.Count, ["key_ids"] = string.Join(',', some) }));
            return stored;
        },
        cancellation);

    /// <summary>Finds a key by its hash. One that was hashed with an older pepper is hashed with the newest from now on.</summary>
    public async Task<StoredKey?> FindAsync(ApiKey key, CancellationToken cancellation)
    {
        var hashes = Hashes(key);
        // In one snapshot: a key that another process hashes again meanwhile would be found under neither hash.
        var (found, with) = await database.ReadAsync(session => ByHashes(session, hashes), cancellation);
        if (found is null || with == hashes[0]) return found;
        try
        {
            await database.WriteAsync(session => HashAgain(session, found.Id, hashes[0], with), CancellationToken.None);
        }
        catch (StorageException)
        {
            // The key is good all the same, and the next time will do.
        }
        return found;
    }

    public Task<StoredKey?> GetAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => ById(session, id), cancellation);

    public Task<List<StoredKey>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.Query($"SELECT {Columns} FROM api_keys ORDER BY created_ms, key_id", Read), cancellation);

    public Task<bool> AnyAsync(CancellationToken cancellation) => database.ReadAsync(session => session.Number("SELECT count(*) FROM api_keys") > 0, cancellation);

    /// <summary>Revokes a key for good. Doing it again changes nothing.</summary>
    /// <param name="id">The key.</param>
    /// <param name="actor">Id of the key by which it is done.</param>
    /// <param name="leaked">Whether that is because somebody found it.</param>
    /// <param name="cancellation">Gives up before it began.</param>
    public Task<StoredKey?> RevokeAsync(string id, string actor, bool leaked, CancellationToken cancellation) => ChangeAsync(
        id, AuditActs.Revoke, actor, session => session.Execute("UPDATE api_keys SET revoked_ms = $2 WHERE key_id = $1 AND revoked_ms IS NULL", id, Now),
        (_, _) => leaked ? new JsonObject { ["leaked"] = true } : [], cancellation);

    /// <summary>Switches a key off.</summary>
    public Task<StoredKey?> DisableAsync(string id, string actor, CancellationToken cancellation) => ChangeAsync(
        id, AuditActs.Disable, actor, session => session.Execute("UPDATE api_keys SET disabled_ms = $2 WHERE key_id = $1 AND disabled_ms IS NULL", id, Now), (_, _) => [], cancellation);

    /// <summary>Switches a key on again.</summary>
    public Task<StoredKey?> EnableAsync(string id, string actor, CancellationToken cancellation) => ChangeAsync(
        id, AuditActs.Enable, actor, session => session.Execute("UPDATE api_keys SET disabled_ms = NULL WHERE key_id = $1 AND disabled_ms IS NOT NULL", id), (_, _) => [], cancellation);

    /// <summary>Agrees on something else for a key.</summary>
    public Task<StoredKey?> UpdateAsync(string id, KeyTerms terms, string actor, CancellationToken cancellation) => ChangeAsync(
        id,
        AuditActs.Update,
        actor,
        session => session.Execute(
            "UPDATE api_keys SET name = $2, user_id = $3, scopes = $4, expires_ms = $5, email = $6, environment = $7, limits = $8, warned_ms = NULL WHERE key_id = $1",
            id, terms.Name, terms.UserId, string.Join(',', terms.Scopes), terms.Expires?.ToUnixTimeMilliseconds(), terms.Email, terms.Environment, Limits(terms)),
        KeyAct.Changes,
        cancellation);

    /// <summary>The changes after a revision; the present revision alone if asked with a negative one.</summary>
    public Task<KeyChanges> ChangesAsync(long after, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var revision = session.Number("SELECT max(revision) FROM api_key_changes") ?? 0;
            if (after < 0) return new KeyChanges(revision, []);
            // A revision from the future is another database's: nothing that the asker knows can be relied upon.
            return after > revision
                ? new KeyChanges(revision, null)
                : new KeyChanges(revision, session.Query("SELECT key_id FROM api_key_changes WHERE revision > $1 AND revision <= $2", row => row.GetString(0), after, revision));
        },
        cancellation);

    private Task<StoredKey?> ChangeAsync(string id, string act, string actor, Func<Session, int> change, Func<StoredKey, StoredKey, JsonObject> detail, CancellationToken cancellation) => ActAsync(
        (session, acts) =>
        {
            // Held from here on, so that what is recorded as "before" was so.
            var before = session.First($"SELECT {Columns} FROM api_keys WHERE key_id = $1 {{LOCK}}", Read, id);
            if (before is null || change(session) == 0) return before;
            Tell(session, id);
            var after = ById(session, id)!;
            acts.Add(new KeyAct(act, actor, id, detail(before, after)));
            return after;
        },
        cancellation);

    // What was done is recorded last, since others wait for the log's head until the commit, and told to the log file once it is certain.
    private async Task<T> ActAsync<T>(Func<Session, List<KeyAct>, T> work, CancellationToken cancellation)
    {
        var (result, done) = await database.WriteAsync(
            session =>
            {
                var acts = new List<KeyAct>();
                var made = work(session, acts);
                foreach (var act in acts) audit.Record(session, act.Act, act.Actor, act.Subject, act.Detail.ToJsonString());
                return (made, acts);
            },
            cancellation);
        foreach (var act in done) Log.Act(logger, act.Act, act.Subject, act.Actor, act.Detail);
        return result;
    }

    // Revisions must become visible in their order: a gateway that saw 7 never asks for 6 again.
    private static void Tell(Session session, string id)
    {
        OneAtATime(session);
        session.Execute("INSERT INTO api_key_changes (key_id) VALUES ($1)", id);
    }

    // On SQLite there is one writer anyway.
    private static void OneAtATime(Session session)
    {
        if (session.Engine == DatabaseEngine.Postgres) session.Execute("SELECT pg_advisory_xact_lock(727274562)");
    }

    private StoredKey Insert(Session session, ApiKey key, KeyTerms terms)
    {
        var id = "key_" + Guid.NewGuid().ToString("n")[..16];
        session.Execute(
            "INSERT INTO api_keys (key_id, hash, pepper_id, display, name, user_id, scopes, created_ms, expires_ms, email, environment, limits) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            id, hasher.Hash(key), hasher.Newest.Id, key.Display, terms.Name, terms.UserId, string.Join(',', terms.Scopes), Now, terms.Expires?.ToUnixTimeMilliseconds(), terms.Email, terms.Environment, Limits(terms));
        return ById(session, id)!;
    }

    private static string Limits(KeyTerms terms) => JsonSerializer.Serialize(terms.Limits, StoreJson.Default.KeyLimits);

    private static StoredKey? ById(Session session, string id) => session.First($"SELECT {Columns} FROM api_keys WHERE key_id = $1", Read, id);

    private List<byte[]> Hashes(ApiKey key) => [.. hasher.Peppers.Select(pepper => pepper.Hash(key))];

    // In the transaction that is open already.
    private StoredKey? Known(Session session, ApiKey key)
    {
        var hashes = Hashes(key);
        var (found, with) = ByHashes(session, hashes);
        if (found is not null && with != hashes[0]) HashAgain(session, found.Id, hashes[0], with);
        return found;
    }

    private int HashAgain(Session session, string id, byte[] hash, byte[] former) => session.Execute(
        "UPDATE api_keys SET hash = $2, pepper_id = $3 WHERE key_id = $1 AND hash = $4", id, Convert.ToHexStringLower(hash), hasher.Newest.Id, Convert.ToHexStringLower(former));

    private static (StoredKey? Key, byte[] Hash) ByHashes(Session session, List<byte[]> hashes) => hashes.Select(hash => (Key: ByHash(session, hash), Hash: hash)).FirstOrDefault(match => match.Key is not null);

    // The index compares hashes, of which a client can't choose a byte without the pepper; the comparison here does not depend on where they differ.
    private static StoredKey? ByHash(Session session, byte[] hash)
    {
        var found = session.First($"SELECT {Columns}, hash FROM api_keys WHERE hash = $1", row => (Key: Read(row), Hash: row.GetString(row.FieldCount - 1)), Convert.ToHexStringLower(hash));
        return found.Key is not null && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(found.Hash), hash) ? found.Key : null;
    }

    private static StoredKey Read(DbDataReader row)
    {
        var terms = new KeyTerms(
            row.GetString(2), row.GetString(3), row.GetString(4).Split(',', StringSplitOptions.RemoveEmptyEntries), Time(row, 6), Text(row, 8), Text(row, 9),
            JsonSerializer.Deserialize(row.GetString(10), StoreJson.Default.KeyLimits) ?? KeyLimits.None);
        return new StoredKey(row.GetString(0), row.GetString(1), terms, Time(row, 5)!.Value)
        {
            Revoked = Time(row, 7),
            Disabled = Time(row, 11),
            Succession = Text(row, 12) is { } successor ? new KeySuccession(successor, Time(row, 13)!.Value, Time(row, 14)) : null,
            LastUse = Time(row, 15) is { } used ? new Administration.KeyLastUse(used, Text(row, 16), Text(row, 17), row.GetInt64(18)) : null,
        };
    }

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
