using System.Data.Common;
using System.Globalization;
using Hokusai.Contracts.Errors;
using Hokusai.Storage;
using Hokusai.Tracking.Artifacts;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Search;

namespace Hokusai.Tracking.Experiments;

/// <summary>Experiments in the database.</summary>
internal sealed class ExperimentStore(Database database, ArtifactLocations locations, TimeProvider time)
{
    private const string Columns = "e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.creation_time, e.last_update_time";

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Clients use experiment 0 when nothing else was set, so it is always there.</summary>
    public Task CreateDefaultAsync() => database.WriteAsync(
        session => session.Execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES (0, 'Default', $1, 'active', $2, $2) ON CONFLICT DO NOTHING",
            locations.OfExperiment(0), Now),
        CancellationToken.None);

    public Task<long> CreateAsync(string name, string? artifactLocation, IReadOnlyList<KeyValue> tags, CancellationToken cancellation)
    {
        Rules.NotLonger("experiment name", name, Rules.LongestExperimentName);
        foreach (var tag in tags) CheckTag(tag);
        var location = string.IsNullOrEmpty(artifactLocation) ? null : ArtifactLocations.Accept(artifactLocation);
        return database.WriteAsync(
            session =>
            {
                if (ByName(session, name) is { } other) throw NameTaken(other);
                var id = session.Number(
                    "INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES ($1, $2, 'active', $3, $3) RETURNING experiment_id",
                    name, location ?? "", Now)!.Value;
                if (location is null) session.Execute("UPDATE experiments SET artifact_location = $2 WHERE experiment_id = $1", id, locations.OfExperiment(id));
                foreach (var tag in tags) SetTag(session, id, tag);
                return id;
            },
            cancellation);
    }

    public Task<Experiment> GetAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => Require(session, id), cancellation);

    public async Task<Experiment> GetByNameAsync(string name, CancellationToken cancellation) =>
        await database.ReadAsync(session => ByName(session, name), cancellation) ?? throw ApiException.NotFound($"Could not find experiment with name '{name}'");

    public Task<bool> RenameAsync(string id, string name, CancellationToken cancellation)
    {
        Rules.NotLonger("experiment name", name, Rules.LongestExperimentName);
        return database.WriteAsync(
            session =>
            {
                var experiment = Require(session, id);
                if (!experiment.IsActive) throw new ApiException(MlflowErrorCodes.InvalidState, "Cannot rename a non-active experiment.");
                if (ByName(session, name) is { } other && other.Id != experiment.Id) throw new ApiException(MlflowErrorCodes.BadRequest, NameTaken(other).Message);
                return session.Execute("UPDATE experiments SET name = $2, last_update_time = $3 WHERE experiment_id = $1", experiment.Id, name, Now) > 0;
            },
            cancellation);
    }

    /// <summary>Marks an experiment and all its runs, or takes the mark from them, also from runs that were deleted one by one before.</summary>
    public Task<bool> MoveAsync(string id, string from, string to, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var experiment = Require(session, id);
            if (experiment.Stage != from) throw ApiException.NotFound($"No Experiment with id={id} exists in the '{from}' state");
            session.Execute("UPDATE experiments SET lifecycle_stage = $2, last_update_time = $3 WHERE experiment_id = $1", experiment.Id, to, Now);
            session.Execute(
                "UPDATE runs SET lifecycle_stage = $2, deleted_time = $3 WHERE experiment_id = $1 AND lifecycle_stage = $4",
                experiment.Id, to, to == LifecycleStage.Deleted ? Now : null, from);
            return true;
        },
        cancellation);

    public Task<bool> SetTagAsync(string id, KeyValue tag, CancellationToken cancellation)
    {
        CheckTag(tag);
        return database.WriteAsync(session => SetTag(session, RequireActive(session, id).Id, tag), cancellation);
    }

    public Task<bool> DeleteTagAsync(string id, string key, CancellationToken cancellation) => database.WriteAsync(
        session => session.Execute("DELETE FROM experiment_tags WHERE experiment_id = $1 AND key = $2", RequireActive(session, id).Id, key) > 0
            ? true
            : throw ApiException.NotFound($"No tag with name: {key} in experiment with id {id}"),
        cancellation);

    public Task<Page<Experiment>> SearchAsync(string? filter, IReadOnlyList<string> orderBy, string view, int pageSize, string? pageToken, CancellationToken cancellation)
    {
        var query = new SqlQuery();
        query.Where(LifecycleStage.Condition(view, "e"));
        ExperimentSearch.Filter(query, filter);
        var order = ExperimentSearch.Order(orderBy);
        var offset = PageToken.Offset(pageToken);
        return database.ReadAsync(
            session =>
            {
                var rows = query.Run(session, $"SELECT {Columns} FROM experiments e", order, pageSize + 1, offset, Read);
                var page = Page<Experiment>.Cut(rows, offset, pageSize);
                foreach (var experiment in page.Items) LoadTags(session, experiment);
                return page;
            },
            cancellation);
    }

    /// <summary>The experiment, or 404.</summary>
    public static Experiment Require(Session session, string id)
    {
        // Ids that are no numbers can't exist here; MLflow answers 500 for them.
        var found = long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? session.First($"SELECT {Columns} FROM experiments e WHERE e.experiment_id = $1", Read, number)
            : null;
        if (found is null) throw ApiException.NotFound($"No Experiment with id={id} exists");
        LoadTags(session, found);
        return found;
    }

    /// <summary>The experiment if it is active; 404 or 400 otherwise.</summary>
    public static Experiment RequireActive(Session session, string id)
    {
        var experiment = Require(session, id);
        return experiment.IsActive ? experiment
            : throw ApiException.Invalid($"The experiment {id} must be in the 'active' state. Current state is {experiment.Stage}.");
    }

    private static Experiment? ByName(Session session, string name)
    {
        var experiment = session.First($"SELECT {Columns} FROM experiments e WHERE e.name = $1", Read, name);
        if (experiment is not null) LoadTags(session, experiment);
        return experiment;
    }

    private static ApiException NameTaken(Experiment other) => ApiException.Exists(
        $"Experiment(name={other.Name}) already exists." + (other.IsActive ? "" : " It is in the deleted state: restore it, or choose another name."));

    private static void CheckTag(KeyValue tag)
    {
        Rules.Key("tag", tag.Key);
        Rules.NotLonger("tag value", tag.Value, Rules.LongestExperimentTagValue);
    }

    private static bool SetTag(Session session, long id, KeyValue tag) => session.Execute(
        "INSERT INTO experiment_tags (experiment_id, key, value) VALUES ($1, $2, $3) ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value",
        id, tag.Key, tag.Value) > 0;

    private static void LoadTags(Session session, Experiment experiment) => experiment.Tags.AddRange(
        session.Query("SELECT key, value FROM experiment_tags WHERE experiment_id = $1 ORDER BY key", row => new KeyValue(row.GetString(0), row.GetString(1)), experiment.Id));

    private static Experiment Read(DbDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5));
}
