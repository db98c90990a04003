using System.Data.Common;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Storage;

namespace Hokusai.Keys.Store;

/// <summary>Keys in the database, and the list of their changes that gateways follow.</summary>
internal sealed partial class KeyStore(Database database, KeyHasher hasher, TimeProvider time)
{
    private const string Columns = """
        key_id, display, name, user_id, scopes, created_ms, expires_ms, revoked_ms, email, environment, limits, disabled_ms, successor_id, overlap_ends_ms, retired_ms,
        last_used_ms, last_used_ip, last_used_client, use_count
        """;

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
    public Task<StoredKey> AddAsync(ApiKey key, KeyTerms terms, CancellationToken cancellation) => database.WriteAsync(session => Insert(session, key, terms), cancellation);

    /// <summary>Keeps a new key if there is none at all.</summary>
    /// <returns>The key, or null if there is one already.</returns>
    public Task<StoredKey?> AddFirstAsync(ApiKey key, KeyTerms terms, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            // Two services that start at once on one store must not issue two.
            OneAtATime(session);
            return session.Number("SELECT count(*) FROM api_keys") > 0 ? null : Insert(session, key, terms);
        },
        cancellation);

    /// <summary>Keeps keys that exist elsewhere, all or none.</summary>
    /// <returns>For each the stored key, and whether it was there before.</returns>
    public Task<List<(StoredKey Key, bool Known)>> ImportAsync(IReadOnlyList<(ApiKey Key, KeyTerms Terms)> keys, CancellationToken cancellation) => database.WriteAsync(
        session => keys.Select(entry => ByHash(session, hasher.Hash(entry.Key)) is { } known ? (known, true) : (Insert(session, entry.Key, entry.Terms), false)).ToList(),
        cancellation);

    public Task<StoredKey?> FindAsync(ApiKey key, CancellationToken cancellation)
    {
        var hash = hasher.Hash(key);
        return database.ReadAsync(session => ByHash(session, hash), cancellation);
    }

    public Task<StoredKey?> GetAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => ById(session, id), cancellation);

    public Task<List<StoredKey>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.Query($"SELECT {Columns} FROM api_keys ORDER BY created_ms, key_id", Read), cancellation);

    public Task<bool> AnyAsync(CancellationToken cancellation) => database.ReadAsync(session => session.Number("SELECT count(*) FROM api_keys") > 0, cancellation);

    /// <summary>Revokes a key for good. Doing it again changes nothing.</summary>
    public Task<StoredKey?> RevokeAsync(string id, CancellationToken cancellation) =>
        ChangeAsync(id, session => session.Execute("UPDATE api_keys SET revoked_ms = $2 WHERE key_id = $1 AND revoked_ms IS NULL", id, Now), cancellation);

    /// <summary>Switches a key off.</summary>
    public Task<StoredKey?> DisableAsync(string id, CancellationToken cancellation) =>
        ChangeAsync(id, session => session.Execute("UPDATE api_keys SET disabled_ms = $2 WHERE key_id = $1 AND disabled_ms IS NULL", id, Now), cancellation);

    /// <summary>Switches a key on again.</summary>
    public Task<StoredKey?> EnableAsync(string id, CancellationToken cancellation) =>
        ChangeAsync(id, session => session.Execute("UPDATE api_keys SET disabled_ms = NULL WHERE key_id = $1 AND disabled_ms IS NOT NULL", id), cancellation);

    /// <summary>Agrees on something else for a key.</summary>
    public Task<StoredKey?> UpdateAsync(string id, KeyTerms terms, CancellationToken cancellation) => ChangeAsync(
        id,
        session => session.Execute(
            "UPDATE api_keys SET name = $2, user_id = $3, scopes = $4, expires_ms = $5, email = $6, environment = $7, limits = $8, warned_ms = NULL WHERE key_id = $1",
            id, terms.Name, terms.UserId, string.Join(',', terms.Scopes), terms.Expires?.ToUnixTimeMilliseconds(), terms.Email, terms.Environment, Limits(terms)),
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

    private Task<StoredKey?> ChangeAsync(string id, Func<Session, int> change, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            if (change(session) > 0) Tell(session, id);
            return ById(session, id);
        },
        cancellation);

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
            "INSERT INTO api_keys (key_id, hash, display, name, user_id, scopes, created_ms, expires_ms, email, environment, limits) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            id, hasher.Hash(key), key.Display, terms.Name, terms.UserId, string.Join(',', terms.Scopes), Now, terms.Expires?.ToUnixTimeMilliseconds(), terms.Email, terms.Environment, Limits(terms));
        return ById(session, id)!;
    }

    private static string Limits(KeyTerms terms) => JsonSerializer.Serialize(terms.Limits, StoreJson.Default.KeyLimits);

    private static StoredKey? ById(Session session, string id) => session.First($"SELECT {Columns} FROM api_keys WHERE key_id = $1", Read, id);

    private static StoredKey? ByHash(Session session, string hash) => session.First($"SELECT {Columns} FROM api_keys WHERE hash = $1", Read, hash);

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
