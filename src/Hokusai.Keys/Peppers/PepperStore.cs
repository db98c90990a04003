using System.Text.Json.Nodes;
using Hokusai.Keys.Audit;
using Hokusai.Storage;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys.Peppers;

/// <summary>Which peppers the stored keys were hashed with.</summary>
internal sealed class PepperStore(Database database, KeyHasher hasher, IAuditTrail audit, TimeProvider time, ILogger logger)
{
    // Keys that were revoked, expired or gave way to a successor are refused with and without their pepper.
    private const string Usable = "revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $1) AND retired_ms IS NULL AND (overlap_ends_ms IS NULL OR overlap_ends_ms > $1)";

    /// <summary>The step that gives every hash its pepper's id. Until it there was one pepper, which becomes the pepper '1'.</summary>
    public static IReadOnlyList<string> Step { get; } =
    [
        $"ALTER TABLE api_keys ADD COLUMN pepper_id {{TEXT}} NOT NULL DEFAULT '{PepperSource.OnlyId}'",
        "CREATE TABLE api_key_peppers (pepper_id {TEXT} PRIMARY KEY, fingerprint {TEXT} NOT NULL UNIQUE, since_ms BIGINT NOT NULL)",
        $"INSERT INTO api_key_peppers (pepper_id, fingerprint, since_ms) SELECT '{PepperSource.OnlyId}', value, 0 FROM api_key_settings WHERE name = 'pepper'",
        "DELETE FROM api_key_settings WHERE name = 'pepper'",
    ];

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes sure that every stored key can be recognised with the peppers that there are, and records it when the newest is a new one.</summary>
    /// <exception cref="InvalidDataException">A pepper is missing or another one than it was; names which, and how many keys need it.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        if (await CheckAndRecordAsync(cancellation) is { } change) Log.Act(logger, AuditActs.PepperChange, hasher.Newest.Id, AuditActs.Service, change);
    }

    private Task<JsonObject?> CheckAndRecordAsync(CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var stored = session.Query("SELECT pepper_id, fingerprint FROM api_key_peppers {LOCK}", row => (Id: row.GetString(0), Fingerprint: row.GetString(1))).ToDictionary(p => p.Id, p => p.Fingerprint, StringComparer.Ordinal);
            var needed = session.Query($"SELECT pepper_id, count(*) FROM api_keys WHERE {Usable} GROUP BY pepper_id", row => (Id: row.GetString(0), Keys: row.GetInt64(1)), Now).ToDictionary(p => p.Id, p => p.Keys, StringComparer.Ordinal);
            var faults = hasher.Peppers.Select(pepper => FaultOf(pepper, stored, needed)).Concat(needed
                .Where(id => hasher.Peppers.All(pepper => pepper.Id != id.Key))
                .Select(id => $"the pepper '{id.Key}' is missing: {Keys(id.Value)} in {database.Display} were hashed with it; name it in 'peppers' behind the newest, as {id.Key}=file:…, env:… or secret:…")).OfType<string>().ToList();
            if (faults.Count > 0) throw new InvalidDataException(string.Join("; ", faults));
            foreach (var pepper in hasher.Peppers) Register(session, pepper, stored);
            return RecordChange(session);
        },
        cancellation);

    public Task<List<PepperDescription>> StatusAsync(CancellationToken cancellation) => database.ReadAsync(
        session => session.Query(
            $"""
            SELECT p.pepper_id, p.fingerprint, (SELECT count(*) FROM api_keys k WHERE k.pepper_id = p.pepper_id), (SELECT count(*) FROM api_keys k WHERE k.pepper_id = p.pepper_id AND {Usable})
            FROM api_key_peppers p ORDER BY p.since_ms DESC, p.pepper_id DESC
            """,
            row => new PepperDescription(row.GetString(0), State(row.GetString(0)), row.GetInt64(2), row.GetInt64(3), row.GetString(1)),
            Now),
        cancellation);

    private string State(string id) => id == hasher.Newest.Id ? "newest" : hasher.Peppers.Any(pepper => pepper.Id == id) ? "older" : "not configured";

    private string? FaultOf(Pepper pepper, Dictionary<string, string> stored, Dictionary<string, long> needed)
    {
        if (stored.FirstOrDefault(p => p.Value == pepper.Fingerprint && p.Key != pepper.Id).Key is { } other)
            return $"the pepper '{pepper.Id}' is the secret that {database.Display} knows as '{other}'; call it {other}";
        if (stored.TryGetValue(pepper.Id, out var known) && known != pepper.Fingerprint && needed.TryGetValue(pepper.Id, out var keys))
            return $"the pepper '{pepper.Id}' does not belong to the keys in {database.Display}: {Keys(keys)} were hashed with another secret of this id and could not be recognised; restore that one, and give a new one an id of its own in front of it";
        return null;
    }

    private void Register(Session session, Pepper pepper, Dictionary<string, string> stored)
    {
        if (stored.GetValueOrDefault(pepper.Id) == pepper.Fingerprint) return;
        session.Execute(
            "INSERT INTO api_key_peppers (pepper_id, fingerprint, since_ms) VALUES ($1, $2, $3) ON CONFLICT (pepper_id) DO UPDATE SET fingerprint = $2, since_ms = $3",
            pepper.Id, pepper.Fingerprint, Now);
    }

    private JsonObject? RecordChange(Session session)
    {
        var newest = $"{hasher.Newest.Id} {hasher.Newest.Fingerprint}";
        var before = session.First("SELECT value FROM api_key_settings WHERE name = 'newest pepper'", row => row.GetString(0));
        if (before == newest) return null;
        session.Execute("INSERT INTO api_key_settings (name, value) VALUES ('newest pepper', $1) ON CONFLICT (name) DO UPDATE SET value = $1", newest);
        var change = new JsonObject { ["fingerprint"] = hasher.Newest.Fingerprint, ["before"] = before?.Split(' ')[0] };
        audit.Record(session, AuditActs.PepperChange, AuditActs.Service, hasher.Newest.Id, change.ToJsonString());
        return change;
    }

    private static string Keys(long count) => count == 1 ? "1 key" : $"{count} keys";
}
