using System.Text.Json.Nodes;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;

namespace Hokusai.Keys.Store;

/// <summary>What happens to keys with time: rotation, use, the approach of their end.</summary>
internal sealed partial class KeyStore
{
    // A gateway may have gone on with the old key while its report was on the way; only a rotation whose new key is really in use ends early.
    private const string EndedRotations = """
        FROM api_keys WHERE successor_id IS NOT NULL AND retired_ms IS NULL AND revoked_ms IS NULL AND (overlap_ends_ms <= $1 OR (COALESCE(last_used_ms, rotated_ms) <= $2
            AND EXISTS (SELECT 1 FROM api_keys heir WHERE heir.key_id = api_keys.successor_id AND heir.first_used_ms <= $1 AND heir.revoked_ms IS NULL AND heir.disabled_ms IS NULL)))
        """;

    private const string EndingKeys = "FROM api_keys WHERE expires_ms > $1 AND expires_ms <= $2 AND revoked_ms IS NULL AND disabled_ms IS NULL AND successor_id IS NULL";

    /// <summary>Makes a new key beside an old one, which works on until the overlap ends.</summary>
    /// <returns>Both, or null if the old one has a successor already or was revoked.</returns>
    public Task<(StoredKey Old, StoredKey Successor)?> RotateAsync(string id, ApiKey key, KeyTerms terms, TimeSpan overlap, string actor, CancellationToken cancellation) => ActAsync<(StoredKey Old, StoredKey Successor)?>(
        (session, acts) =>
        {
            var now = Now;
            // First the old one, which a second rotation at the same moment waits for and then finds rotated.
            if (session.Execute(
                "UPDATE api_keys SET successor_id = '', rotated_ms = $2, overlap_ends_ms = $3 WHERE key_id = $1 AND successor_id IS NULL AND revoked_ms IS NULL", id, now, now + (long)overlap.TotalMilliseconds) == 0)
                return null;
            var successor = Insert(session, key, terms);
            session.Execute("UPDATE api_keys SET successor_id = $2 WHERE key_id = $1", id, successor.Id);
            // Gateways learn the old one's new end.
            Tell(session, id);
            var old = ById(session, id)!;
            acts.Add(new KeyAct(AuditActs.Rotate, actor, id, new JsonObject { ["successor_id"] = successor.Id, ["overlap_ends_at"] = old.Succession!.OverlapEnds }));
            return (old, successor);
        },
        cancellation);

    /// <summary>Ends the rotations whose overlap is over, or whose old key was silent for long enough while the new one was in use.</summary>
    /// <returns>The old keys that ended.</returns>
    public async Task<List<StoredKey>> EndRotationsAsync(TimeSpan silence, CancellationToken cancellation)
    {
        var (now, silentSince) = (Now, Now - (long)silence.TotalMilliseconds);
        // Most of the time there is none, and a look is cheaper than a write.
        if (await database.ReadAsync(session => session.Number($"SELECT count(*) {EndedRotations}", now, silentSince), cancellation) is 0 or null) return [];
        return await ActAsync(
            (session, acts) =>
            {
                var ended = session.Query($"SELECT key_id {EndedRotations} {{LOCK}}", row => row.GetString(0), now, silentSince);
                foreach (var id in ended)
                {
                    session.Execute("UPDATE api_keys SET retired_ms = CASE WHEN overlap_ends_ms < $2 THEN overlap_ends_ms ELSE $2 END WHERE key_id = $1", id, now);
                    Tell(session, id);
                }
                var keys = ended.ConvertAll(id => ById(session, id)!);
                acts.AddRange(keys.Select(key => new KeyAct(AuditActs.Retire, AuditActs.Service, key.Id, new JsonObject { ["successor_id"] = key.Succession!.SuccessorId })));
                return keys;
            },
            cancellation);
    }

    /// <summary>Keeps what was seen of keys, in one write. The newest use wins, whatever the order of the reports.</summary>
    public Task RecordUsesAsync(IReadOnlyList<KeyUse> uses, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            // In one order everywhere: reports of two gateways would wait for each other otherwise.
            foreach (var use in uses.OrderBy(use => use.KeyId, StringComparer.Ordinal))
            {
                session.Execute(
                    """
                    UPDATE api_keys SET use_count = use_count + $5,
                        first_used_ms = CASE WHEN first_used_ms <= $2 THEN first_used_ms ELSE $2 END,
                        last_used_ip = CASE WHEN last_used_ms > $2 THEN last_used_ip ELSE $3 END,
                        last_used_client = CASE WHEN last_used_ms > $2 THEN last_used_client ELSE COALESCE($4, last_used_client) END,
                        last_used_ms = CASE WHEN last_used_ms > $2 THEN last_used_ms ELSE $2 END
                    WHERE key_id = $1
                    """,
                    use.KeyId, use.At.ToUnixTimeMilliseconds(), use.ClientIp, use.Client, use.Count);
            }
            return true;
        },
        cancellation);

    /// <summary>Keys that end soon and of which nobody was told today; from now on somebody was.</summary>
    public async Task<List<StoredKey>> TakeExpiringAsync(TimeSpan within, CancellationToken cancellation)
    {
        var (now, soon, today) = (Now, Now + (long)within.TotalMilliseconds, new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).ToUnixTimeMilliseconds());
        const string Untold = $"{EndingKeys} AND (warned_ms IS NULL OR warned_ms < $3)";
        if (await database.ReadAsync(session => session.Number($"SELECT count(*) {Untold}", now, soon, today), cancellation) is 0 or null) return [];
        return await database.WriteAsync(
            session =>
            {
                var keys = session.Query($"SELECT {Columns} {Untold} ORDER BY expires_ms {{LOCK}}", Read, now, soon, today);
                foreach (var key in keys) session.Execute("UPDATE api_keys SET warned_ms = $2 WHERE key_id = $1", key.Id, now);
                return keys;
            },
            cancellation);
    }
}
