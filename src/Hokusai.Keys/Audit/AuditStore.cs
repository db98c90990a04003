using Hokusai.Storage;

namespace Hokusai.Keys.Audit;

/// <summary>The audit log of a database that no service needs to serve, for verification.</summary>
public static class AuditStore
{
    private const int PageLength = 1000;

    /// <summary>Verifies the whole log. Changes nothing in the database, not even its schema.</summary>
    /// <param name="location">Where the keys are.</param>
    /// <param name="anchors">Heads that were kept elsewhere.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StorageException">The database can't be read, or has no audit log.</exception>
    public static async Task<AuditReport> VerifyAsync(DatabaseLocation location, IReadOnlyList<AuditHead> anchors, CancellationToken cancellation)
    {
        using var database = Database.OpenExisting(location, readers: 1);
        if (!await database.ReadAsync(HasLog, cancellation)) throw new StorageException($"{database.Display} has no audit log: no auth service of this version ever opened it", transient: false);
        // In one snapshot: an entry that is written meanwhile must not seem to be missing.
        return await database.ReadAsync(session => Verify(session, anchors), cancellation);
    }

    private static AuditReport Verify(Session session, IReadOnlyList<AuditHead> anchors)
    {
        var verifier = new AuditVerifier(anchors);
        for (var after = long.MinValue; ;)
        {
            var page = AuditTrail.Page(session, after, PageLength);
            foreach (var entry in page.Entries) verifier.Add(entry);
            if (page.Entries.Count < PageLength) return verifier.Finish(AuditTrail.Head(session));
            after = page.Entries[^1].Seq;
        }
    }

    private static bool HasLog(Session session) => session.Number(session.Engine == DatabaseEngine.Sqlite
        ? "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'key_audit'"
        : "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'key_audit'") > 0;
}
