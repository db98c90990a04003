using Hokusai.Storage;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.Registry;

/// <summary>Registered models in the database.</summary>
internal sealed class RegisteredModelStore(Database database, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<RegisteredModel> CreateAsync(string name, string description, IReadOnlyList<KeyValue> tags, CancellationToken cancellation)
    {
        Rules.NotLonger("registered model name", name, Rules.LongestModelName);
        Rules.NotLonger("description", description, Rules.LongestDescription);
        foreach (var tag in tags) CheckTag(tag);
        return database.WriteAsync(
            session =>
            {
                if (Find(session, name) is not null) throw NameTaken(name);
                var pk = session.Number("INSERT INTO registered_models (name, creation_time, last_updated_time, description) VALUES ($1, $2, $2, $3) RETURNING model_pk", name, Now, description)!.Value;
                foreach (var tag in tags) SetTag(session, pk, tag);
                return Load(session, Require(session, name));
            },
            cancellation);
    }

    public Task<RegisteredModel> GetAsync(string name, CancellationToken cancellation) => database.ReadAsync(session => Load(session, Require(session, name)), cancellation);

    public Task<RegisteredModel> RenameAsync(string name, string newName, CancellationToken cancellation)
    {
        Rules.NotLonger("registered model name", newName, Rules.LongestModelName);
        return database.WriteAsync(
            session =>
            {
                var model = Require(session, name);
                if (Find(session, newName) is not null) throw NameTaken(newName);
                session.Execute("UPDATE registered_models SET name = $2, last_updated_time = $3 WHERE model_pk = $1", model.Pk, newName, Now);
                session.Execute("UPDATE model_versions SET last_updated_time = $2 WHERE model_pk = $1 AND deleted = 0", model.Pk, Now);
                return Load(session, Require(session, newName));
            },
            cancellation);
    }

    public Task<RegisteredModel> DescribeAsync(string name, string description, CancellationToken cancellation)
    {
        Rules.NotLonger("description", description, Rules.LongestDescription);
        return database.WriteAsync(
            session =>
            {
                session.Execute("UPDATE registered_models SET description = $2, last_updated_time = $3 WHERE model_pk = $1", Require(session, name).Pk, description, Now);
                return Load(session, Require(session, name));
            },
            cancellation);
    }

    /// <summary>Removes a model with all that belongs to it. The name is free again.</summary>
    public Task<bool> DeleteAsync(string name, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var model = Require(session, name);
            foreach (var table in (string[])["model_version_tags", "model_versions", "registered_model_aliases", "registered_model_tags", "registered_models"])
                session.Execute($"DELETE FROM {table} WHERE model_pk = $1", model.Pk);
            return true;
        },
        cancellation);

    public Task<bool> SetTagAsync(string name, KeyValue tag, CancellationToken cancellation)
    {
        CheckTag(tag);
        return database.WriteAsync(session => SetTag(session, Require(session, name).Pk, tag), cancellation);
    }

    public Task<bool> DeleteTagAsync(string name, string key, CancellationToken cancellation) => database.WriteAsync(
        session => session.Execute("DELETE FROM registered_model_tags WHERE model_pk = $1 AND key = $2", Require(session, name).Pk, key) > 0, cancellation);

    public Task<Page<RegisteredModel>> SearchAsync(string? filter, IReadOnlyList<string> orderBy, int pageSize, string? pageToken, CancellationToken cancellation)
    {
        var offset = PageToken.Offset(pageToken);
        var query = new SqlQuery();
        RegistrySearch.FilterModels(query, filter);
        var order = RegistrySearch.OrderModels(orderBy);
        return database.ReadAsync(
            session =>
            {
                var rows = query.Run(session, $"SELECT {RegisteredModel.Columns} FROM registered_models m", order, pageSize + 1L, offset, RegisteredModel.Read);
                var page = Page<RegisteredModel>.Cut(rows, offset, pageSize);
                foreach (var model in page.Items) Load(session, model);
                return page;
            },
            cancellation);
    }

    public static RegisteredModel? Find(Session session, string name) =>
        session.First($"SELECT {RegisteredModel.Columns} FROM registered_models m WHERE m.name = $1", RegisteredModel.Read, name);

    /// <summary>The model, or 404.</summary>
    public static RegisteredModel Require(Session session, string name) => Find(session, name) ?? throw ApiException.NotFound($"Registered Model with name={name} not found");

    private static RegisteredModel Load(Session session, RegisteredModel model)
    {
        model.Tags.AddRange(session.Query("SELECT key, value FROM registered_model_tags WHERE model_pk = $1 ORDER BY key", row => new KeyValue(row.GetString(0), row.GetString(1)), model.Pk));
        model.Aliases.AddRange(session.Query("SELECT alias, version FROM registered_model_aliases WHERE model_pk = $1 ORDER BY alias", row => (row.GetString(0), row.GetInt64(1)), model.Pk));
        model.LatestVersions.AddRange(ModelVersionStore.Latest(session, model, []));
        return model;
    }

    private static ApiException NameTaken(string name) => ApiException.Exists($"Registered Model (name={name}) already exists.");

    private static void CheckTag(KeyValue tag)
    {
        Rules.Key("tag", tag.Key);
        Rules.NotLonger("tag value", tag.Value, Rules.LongestRegistryTagValue);
    }

    private static bool SetTag(Session session, long pk, KeyValue tag) => session.Execute(
        "INSERT INTO registered_model_tags (model_pk, key, value) VALUES ($1, $2, $3) ON CONFLICT (model_pk, key) DO UPDATE SET value = excluded.value", pk, tag.Key, tag.Value) > 0;
}
