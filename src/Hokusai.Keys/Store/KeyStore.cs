using System.Data.Common;
using Hokusai.Contracts.Keys;
using Hokusai.Storage;

namespace Hokusai.Keys.Store;

/// <summary>Keys in the database, and the list of their changes that gateways follow.</summary>
internal sealed class KeyStore(Database database, KeyHasher hasher, TimeProvider time)
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
    ]);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes sure that the stored hashes were made with this secret: with another one, every good key would be "unknown".</summary>
    public async Task CheckPepperAsync()
    {
        var known = await database.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO api_key_settings (name, value) VALUES ('pepper', $1) ON CONFLICT DO NOTHING", hasher.Fingerprint);
                return session.First("SELECT value FROM api_key_settings WHERE name = 'pepper'", row => row.GetString(0));
            },
            CancellationToken.None);
        if (known != hasher.Fingerprint) throw new InvalidDataException($"the pepper file does not belong to the keys in {database.Display}: no stored key could be recognised; restore the file that was made with it");
    }

    /// <summary>Keeps a new key.</summary>
    public Task<StoredKey> AddAsync(ApiKey key, string name, string userId, IReadOnlyList<string> scopes, DateTimeOffset? expires, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var id = "key_" + Guid.NewGuid().ToString("n")[..16];
            session.Execute(
                "INSERT INTO api_keys (key_id, hash, display, name, user_id, scopes, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                id, hasher.Hash(key), key.Display, name, userId, string.Join(',', scopes), Now, expires?.ToUnixTimeMilliseconds());
            return ById(session, id)!;
        },
        cancellation);

    public Task<StoredKey?> FindAsync(ApiKey key, CancellationToken cancellation)
    {
        var hash = hasher.Hash(key);
        return database.ReadAsync(session => session.First($"SELECT {Columns} FROM api_keys WHERE hash = $1", Read, hash), cancellation);
    }

    public Task<StoredKey?> GetAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => ById(session, id), cancellation);

    public Task<List<StoredKey>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.Query($"SELECT {Columns} FROM api_keys ORDER BY created_ms, key_id", Read), cancellation);

    public Task<bool> AnyAsync(CancellationToken cancellation) => database.ReadAsync(session => session.Number("SELECT count(*) FROM api_keys") > 0, cancellation);

    /// <summary>Revokes a key for good. Doing it again changes nothing.</summary>
    public Task<StoredKey?> RevokeAsync(string id, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            if (session.Execute("UPDATE api_keys SET revoked_ms = $2 WHERE key_id = $1 AND revoked_ms IS NULL", id, Now) > 0)
                session.Execute("INSERT INTO api_key_changes (key_id) VALUES ($1)", id);
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

    private static StoredKey? ById(Session session, string id) => session.First($"SELECT {Columns} FROM api_keys WHERE key_id = $1", Read, id);

    private static StoredKey Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4).Split(',', StringSplitOptions.RemoveEmptyEntries), Time(row, 5)!.Value, Time(row, 6), Time(row, 7));

    private static DateTimeOffset? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
