using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Keys;
using Hokusai.Storage;

namespace Hokusai.Keys.Audit;

/// <summary>The audit log in the database of the keys. Entries are added, never changed and never deleted.</summary>
internal sealed class AuditTrail(Database database, TimeProvider time) : IAuditTrail
{
    private const int LongestField = 256;
    private const int LongestDetail = 16 * 1024;

    /// <summary>The step that makes the tables.</summary>
    public static IReadOnlyList<string> Step { get; } =
    [
        """
        CREATE TABLE key_audit (seq BIGINT PRIMARY KEY, at {TEXT} NOT NULL, act {TEXT} NOT NULL, actor {TEXT} NOT NULL, subject {TEXT} NOT NULL,
            detail {TEXT} NOT NULL, previous {TEXT} NOT NULL, hash {TEXT} NOT NULL)
        """,
        "CREATE TABLE key_audit_head (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, hash {TEXT} NOT NULL)",
        $"INSERT INTO key_audit_head (id, seq, hash) VALUES (1, 0, '{AuditChain.Origin}')",
    ];

    public Task RecordAsync(string act, string actorKeyId, string subject, string detail, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            Record(session, act, actorKeyId, subject, detail);
            return true;
        },
        cancellation);

    public void Record(Session session, string act, string actorKeyId, string subject, string detail)
    {
        // The head's row is the lock: whoever writes next waits here for this transaction, so that numbers have no gap and the chain no fork.
        session.Execute("UPDATE key_audit_head SET seq = seq + 1 WHERE id = 1");
        var head = session.First("SELECT seq, hash FROM key_audit_head WHERE id = 1", ReadHead)
            ?? throw new StorageException("the audit log's head is gone from the database, so nothing can be recorded; 'hokusai keys audit verify' says what is left", transient: false);
        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var entry = new AuditEntry(head.Seq, at, Clean(act), Clean(actorKeyId), Clean(subject), CleanDetail(detail), head.Hash, "");
        entry = entry with { Hash = AuditChain.HashOf(entry) };
        session.Execute(
            "INSERT INTO key_audit (seq, at, act, actor, subject, detail, previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            entry.Seq, entry.At, entry.Act, entry.Actor, entry.Subject, entry.Detail, entry.Previous, entry.Hash);
        session.Execute("UPDATE key_audit_head SET hash = $1 WHERE id = 1", entry.Hash);
    }

    public Task<AuditPage> ReadAsync(long after, int most, CancellationToken cancellation) => database.ReadAsync(session => Page(session, after, most), cancellation);

    internal static AuditPage Page(Session session, long after, int most) => new(
        session.Query("SELECT seq, at, act, actor, subject, detail, previous, hash FROM key_audit WHERE seq > $1 ORDER BY seq LIMIT $2", ReadEntry, after, (long)most), Head(session) ?? new AuditHead(0, ""));

    internal static AuditHead? Head(Session session) => session.First("SELECT seq, hash FROM key_audit_head WHERE id = 1", ReadHead);

    private static AuditHead ReadHead(DbDataReader row) => new(row.GetInt64(0), row.GetString(1));

    private static AuditEntry ReadEntry(DbDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7));

    // Printable ASCII only: what is shown is what was hashed, and no terminal obeys it.
    private static string Clean(string field)
    {
        var redacted = KeyRedactor.Redact(field);
        var cut = redacted.Length > LongestField ? redacted[..LongestField] : redacted;
        return string.Concat(cut.Select(c => c is >= ' ' and <= '~' ? c : c == '…' ? '*' : '?'));
    }

    // Written anew by the serializer, which escapes everything but ASCII.
    private static string CleanDetail(string detail)
    {
        if (detail.Length > LongestDetail) return """{"cut":"the detail was too long"}""";
        try
        {
            return KeyRedactor.Redact(JsonNode.Parse(detail) is JsonObject given ? given.ToJsonString() : "{}").Replace("…", "*", StringComparison.Ordinal);
        }
        catch (JsonException)
        {
            return "{}";
        }
    }
}
