namespace Hokusai.Storage;

/// <summary>The schema of one component as numbered steps. A step that has run somewhere is never edited; a change is a new step.</summary>
/// <param name="Component">Name of the component whose tables these are.</param>
/// <param name="Steps">Statements of each step, in order.</param>
public sealed record Schema(string Component, IReadOnlyList<IReadOnlyList<string>> Steps);

internal static class Migrations
{
    public static void Apply(Session session, Schema schema)
    {
        session.Execute("CREATE TABLE IF NOT EXISTS hokusai_schema (component {TEXT} PRIMARY KEY, step BIGINT NOT NULL)");
        session.Execute("INSERT INTO hokusai_schema (component, step) VALUES ($1, 0) ON CONFLICT (component) DO NOTHING", schema.Component);
        var done = session.Number("SELECT step FROM hokusai_schema WHERE component = $1 {LOCK}", schema.Component) ?? 0;
        if (done > schema.Steps.Count)
            throw new StorageException($"the database holds {schema.Component} schema step {done}, this program knows {schema.Steps.Count}: a newer Hokusai wrote it; start that one", transient: false);
        for (; done < schema.Steps.Count; done++)
        {
            foreach (var statement in schema.Steps[(int)done]) session.Execute(statement);
        }
        session.Execute("UPDATE hokusai_schema SET step = $2 WHERE component = $1", schema.Component, done);
    }
}
