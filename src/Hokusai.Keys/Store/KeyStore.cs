using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Peppers;
using Hokusai.Storage;

namespace Hokusai.Keys.Store;

/// <summary>Keys in the database, and the list of their changes that gateways follow.</summary>
internal sealed class KeyStore(Database database, KeyHasher hasher, IAuditTrail audit, TimeProvider time)
{
    private const string Columns = "key_id, display, name, user_id, scopes, created_ms, expires_ms, revoked_ms";

    public static Schema Schema { get; } = new("keys", [
        [
            """
            CREATE TABLE api_keys (key_id {TEXT} PRIMARY KEY, hash {TEXT} NOT NULL UNIQUE, display {TEXT} NOT NULL, name {TEXT} NOT NULL, user_id {TEXT} NOT NULL,
                scopes {TEXT} NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT, revoked_ms BIGINT)
            """,
            "CREATE TABLE api_key_changes (revision {ID}, key_id {TEXT} NOT NULL)",
            "CREATE TABLE api_key_settings (name {TEXT} PRIMARY KEY, value {TEXT} NOT NULL)",
        ],
        PepperStore.Step,
        AuditTrail.Step,
    ]);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Keeps a new key.</summary>
    public Task<StoredKey> AddAsync(ApiKey key, string name, string userId, IReadOnlyList<string> scopes, DateTimeOffset? expires, string act, string actor, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var id = "key_" + Guid.NewGuid().ToString("n")[..16];
            session.Execute(
                "INSERT INTO api_keys (key_id, hash, pepper_id, display, name, user_id, scopes, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                id, hasher.Hash(key), hasher.Newest.Id, key.Display, name, userId, string.Join(',', scopes), Now, expires?.ToUnixTimeMilliseconds());
            var stored = ById(session, id)!;
            audit.Record(session, act, actor, id, new JsonObject { ["user_id"] = userId, ["name"] = name, ["scopes"] = string.Join(',', scopes), ["expires_at"] = expires }.ToJsonString());
            return stored;
        },
        cancellation);

    /// <summary>Finds a key by its hash. One that was hashed with an older pepper is hashed with the newest from now on.</summary>
    public async Task<StoredKey?> FindAsync(ApiKey key, CancellationToken cancellation)
    {
        var hashes = hasher.Peppers.Select(pepper => pepper.Hash(key)).ToList();
        // In one snapshot: a key that another process hashes again meanwhile would be found under neither hash.
        var (found, with) = await database.ReadAsync(session => hashes.Select(hash => (Key: ByHash(session, hash), Hash: hash)).FirstOrDefault(match => match.Key is not null), cancellation);
        if (found is not null && with != hashes[0]) await HashAgainAsync(found.Id, key, with);
        return found;
    }

    public Task<StoredKey?> GetAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => ById(session, id), cancellation);

    public Task<List<StoredKey>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.Query($"SELECT {Columns} FROM api_keys ORDER BY created_ms, key_id", Read), cancellation);

    public Task<bool> AnyAsync(CancellationToken cancellation) => database.ReadAsync(session => session.Number("SELECT count(*) FROM api_keys") > 0, cancellation);

    /// <summary>Revokes a key for good. Doing it again changes nothing.</summary>
    public Task<StoredKey?> RevokeAsync(string id, string actor, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            if (session.Execute("UPDATE api_keys SET revoked_ms = $2 WHERE key_id = $1 AND revoked_ms IS NULL", id, Now) > 0)
            {
                session.Execute("INSERT INTO api_key_changes (key_id) VALUES ($1)", id);
                audit.Record(session, AuditActs.Revoke, actor, id, "{}");
            }
            return ById(session, id);
        },
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

    private async Task HashAgainAsync(string id, ApiKey key, byte[] former)
    {
        try
        {
            await database.WriteAsync(
                session => session.Execute("UPDATE api_keys SET hash = $2, pepper_id = $3 WHERE key_id = $1 AND hash = $4", id, hasher.Hash(key), hasher.Newest.Id, Convert.ToHexStringLower(former)),
                CancellationToken.None);
        }
        catch (StorageException)
        {
            // The key is good all the same, and the next time will do.
        }
    }

    // The index compares hashes, of which a client can't choose a byte without the pepper; the comparison here does not depend on where they differ.
    private static StoredKey? ByHash(Session session, byte[] hash)
    {
        var found = session.First($"SELECT {Columns}, hash FROM api_keys WHERE hash = $1", row => (Key: Read(row), Hash: row.GetString(row.FieldCount - 1)), Convert.ToHexStringLower(hash));
        return found.Key is not null && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(found.Hash), hash) ? found.Key : null;
    }

    private static StoredKey? ById(Session session, string id) => session.First($"SELECT {Columns} FROM api_keys WHERE key_id = $1", Read, id);

    private static StoredKey Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4).Split(',', StringSplitOptions.RemoveEmptyEntries), Time(row, 5)!.Value, Time(row, 6), Time(row, 7));

    private static DateTimeOffset? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
