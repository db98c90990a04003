using System.Globalization;
using Hokusai.Storage;
using Hokusai.Tracking.LoggedModels;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Runs;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.Registry;

/// <summary>Versions of registered models in the database.</summary>
internal sealed class ModelVersionStore(Database database, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<ModelVersion> CreateAsync(NewModelVersion version, CancellationToken cancellation)
    {
        Rules.NotLonger("model version source", version.Source, Rules.LongestSource);
        Rules.NotLonger("description", version.Description, Rules.LongestDescription);
        foreach (var tag in version.Tags) CheckTag(tag);
        return database.WriteAsync(
            session =>
            {
                // The row of the model is kept locked, so that two versions made at once get two numbers.
                var pk = session.Number("SELECT model_pk FROM registered_models WHERE name = $1 {LOCK}", version.Name) ?? RegisteredModelStore.Require(session, version.Name).Pk;
                var logged = version.ModelId is { Length: > 0 } id ? LoggedModelStore.Require(session, id) : null;
                var runId = version.RunId is { Length: > 0 } given ? given : logged?.SourceRunId ?? "";
                ModelSource.Check(version.Source, runId.Length > 0 ? RunStore.Find(session, runId)?.ArtifactUri : null, logged?.ArtifactUri);
                var number = 1 + (session.Number("SELECT max(version) FROM model_versions WHERE model_pk = $1", pk) ?? 0);
                session.Execute(
                    """
                    INSERT INTO model_versions (model_pk, version, creation_time, last_updated_time, description, user_id, stage, source, storage_location, run_id, run_link, deleted)
                    VALUES ($1, $2, $3, $3, $4, '', 'None', $5, $6, $7, $8, 0)
                    """,
                    pk, number, Now, version.Description, version.Source, ModelSource.Resolve(session, version.Source), runId, version.RunLink);
                foreach (var tag in version.Tags) SetTag(session, pk, number, tag);
                session.Execute("UPDATE registered_models SET last_updated_time = $2 WHERE model_pk = $1", pk, Now);
                if (logged is not null) LoggedModelStore.NoteVersion(session, logged, version.Name, number);
                return Require(session, version.Name, number);
            },
            cancellation);
    }

    public Task<ModelVersion> GetAsync(string name, string version, CancellationToken cancellation)
    {
        var number = Number(version);
        return database.ReadAsync(session => Require(session, name, number), cancellation);
    }

    /// <summary>Where the version's files are: the resolved location of its source.</summary>
    public async Task<string> StorageLocationAsync(string name, string version, CancellationToken cancellation) => (await GetAsync(name, version, cancellation)).StorageLocation;

    public Task<ModelVersion> DescribeAsync(string name, string version, string description, CancellationToken cancellation)
    {
        Rules.NotLonger("description", description, Rules.LongestDescription);
        return Change(name, version, (session, v) => session.Execute("UPDATE model_versions SET description = $3, last_updated_time = $4 WHERE model_pk = $1 AND version = $2", v.ModelPk, v.Version, description, Now), cancellation);
    }

    public Task<ModelVersion> MoveAsync(string name, string version, string stage, bool archiveOthers, CancellationToken cancellation)
    {
        var target = Stages.Parse(stage);
        if (archiveOthers && !Stages.CanArchiveOthers(target)) throw ApiException.Invalid($"Model version transition cannot archive existing model versions because '{target}' is not an Active stage. Valid stages are Staging, Production");
        return Change(
            name,
            version,
            (session, v) =>
            {
                if (archiveOthers)
                    session.Execute("UPDATE model_versions SET stage = $4, last_updated_time = $5 WHERE model_pk = $1 AND version <> $2 AND stage = $3 AND deleted = 0", v.ModelPk, v.Version, target, Stages.Archived, Now);
                session.Execute("UPDATE model_versions SET stage = $3, last_updated_time = $4 WHERE model_pk = $1 AND version = $2", v.ModelPk, v.Version, target, Now);
                session.Execute("UPDATE registered_models SET last_updated_time = $2 WHERE model_pk = $1", v.ModelPk, Now);
            },
            cancellation);
    }

    public Task<ModelVersion> SetTagAsync(string name, string version, KeyValue tag, CancellationToken cancellation)
    {
        CheckTag(tag);
        return Change(name, version, (session, v) => SetTag(session, v.ModelPk, v.Version, tag), cancellation);
    }

    public Task<ModelVersion> DeleteTagAsync(string name, string version, string key, CancellationToken cancellation) => Change(
        name, version, (session, v) => session.Execute("DELETE FROM model_version_tags WHERE model_pk = $1 AND version = $2 AND key = $3", v.ModelPk, v.Version, key), cancellation);

    /// <summary>Marks a version as deleted and removes the aliases that point to it.</summary>
    public Task<bool> DeleteAsync(string name, string version, CancellationToken cancellation)
    {
        var number = Number(version);
        return database.WriteAsync(
            session =>
            {
                var found = Require(session, name, number);
                session.Execute("UPDATE model_versions SET deleted = 1, last_updated_time = $3 WHERE model_pk = $1 AND version = $2", found.ModelPk, number, Now);
                session.Execute("DELETE FROM model_version_tags WHERE model_pk = $1 AND version = $2", found.ModelPk, number);
                session.Execute("DELETE FROM registered_model_aliases WHERE model_pk = $1 AND version = $2", found.ModelPk, number);
                session.Execute("UPDATE registered_models SET last_updated_time = $2 WHERE model_pk = $1", found.ModelPk, Now);
                return true;
            },
            cancellation);
    }

    public Task<List<ModelVersion>> LatestAsync(string name, IReadOnlyList<string> stages, CancellationToken cancellation)
    {
        var wanted = stages.Select(Stages.Parse).ToList();
        return database.ReadAsync(session => Latest(session, RegisteredModelStore.Require(session, name), wanted), cancellation);
    }

    public Task<Page<ModelVersion>> SearchAsync(string? filter, IReadOnlyList<string> orderBy, int pageSize, string? pageToken, CancellationToken cancellation)
    {
        var offset = PageToken.Offset(pageToken);
        var query = new SqlQuery();
        RegistrySearch.FilterVersions(query, filter);
        var order = RegistrySearch.OrderVersions(orderBy);
        return database.ReadAsync(
            session =>
            {
                var rows = query.Run(session, $"SELECT {ModelVersion.Columns} FROM {ModelVersion.From}", order, pageSize + 1L, offset, ModelVersion.Read);
                var page = Page<ModelVersion>.Cut(rows, offset, pageSize);
                foreach (var version in page.Items) LoadTags(session, version);
                return page;
            },
            cancellation);
    }

    /// <summary>The highest version in each of the stages; in every stage if none is named.</summary>
    public static List<ModelVersion> Latest(Session session, RegisteredModel model, IReadOnlyCollection<string> stages)
    {
        var versions = session.Query(
            $"""
            SELECT {ModelVersion.Columns} FROM {ModelVersion.From} WHERE v.model_pk = $1 AND v.deleted = 0
            AND v.version = (SELECT max(o.version) FROM model_versions o WHERE o.model_pk = v.model_pk AND o.stage = v.stage AND o.deleted = 0) ORDER BY v.version
            """,
            ModelVersion.Read, model.Pk);
        if (stages.Count > 0) versions.RemoveAll(v => !stages.Contains(v.Stage));
        foreach (var version in versions) LoadTags(session, version);
        return versions;
    }

    /// <summary>The version with tags and aliases, or 404.</summary>
    public static ModelVersion Require(Session session, string name, long number)
    {
        var version = session.First($"SELECT {ModelVersion.Columns} FROM {ModelVersion.From} WHERE m.name = $1 AND v.version = $2 AND v.deleted = 0", ModelVersion.Read, name, number)
            ?? throw ApiException.NotFound($"Model Version (name={name}, version={number}) not found");
        LoadTags(session, version);
        version.Aliases.AddRange(session.Query("SELECT alias FROM registered_model_aliases WHERE model_pk = $1 AND version = $2 ORDER BY alias", row => row.GetString(0), version.ModelPk, number));
        return version;
    }

    public static long Number(string version) => long.TryParse(version, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw ApiException.Invalid($"Parameter 'version' must be an integer, got '{version}'.");

    private static void CheckTag(KeyValue tag)
    {
        Rules.Key("tag", tag.Key);
        Rules.NotLonger("tag value", tag.Value, Rules.LongestRegistryTagValue);
    }

    private static void SetTag(Session session, long pk, long version, KeyValue tag) => session.Execute(
        "INSERT INTO model_version_tags (model_pk, version, key, value) VALUES ($1, $2, $3, $4) ON CONFLICT (model_pk, version, key) DO UPDATE SET value = excluded.value", pk, version, tag.Key, tag.Value);

    private static void LoadTags(Session session, ModelVersion version) => version.Tags.AddRange(session.Query(
        "SELECT key, value FROM model_version_tags WHERE model_pk = $1 AND version = $2 ORDER BY key", row => new KeyValue(row.GetString(0), row.GetString(1)), version.ModelPk, version.Version));

    private Task<ModelVersion> Change(string name, string version, Action<Session, ModelVersion> change, CancellationToken cancellation)
    {
        var number = Number(version);
        return database.WriteAsync(
            session =>
            {
                change(session, Require(session, name, number));
                return Require(session, name, number);
            },
            cancellation);
    }
}

/// <summary>What a client gives for a new version.</summary>
internal sealed record NewModelVersion(string Name, string Source, string? RunId, string? ModelId, string RunLink, string Description, IReadOnlyList<KeyValue> Tags);
