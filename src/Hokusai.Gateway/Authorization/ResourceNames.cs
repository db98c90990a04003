using System.Text.Json;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Authorization;

/// <summary>What MLflow said of ids: asks one question of it.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="target">Path and query.</param>
internal delegate Task<WholeAnswer> AskMlflow(MlflowEndpoint endpoint, string target);

/// <summary>MLflow could be asked, but its answer tells nothing.</summary>
internal sealed class NoNameException(string message) : Exception(message);

/// <summary>Where a run or logged model belongs. Neither ever changes.</summary>
/// <param name="ExperimentId">Its experiment.</param>
/// <param name="ArtifactUri">Where its artifacts lie.</param>
internal sealed record ResourceHome(string ExperimentId, string ArtifactUri);

/// <summary>
/// Which experiment an id belongs to and what its name is, asked of MLflow and remembered. A run or logged model never changes its experiment;
/// an experiment's name is remembered shortly, and forgotten when a renaming passes through here.
/// </summary>
internal sealed class ResourceNames(TimeProvider time)
{
    private const int Most = 50_000;
    private static readonly TimeSpan NameLifetime = TimeSpan.FromSeconds(15);
    private static readonly Contracts.Routing.PathTable<MlflowEndpoint> Catalogue = RouteCatalogue.Build();

    private readonly BoundedMemory<ResourceHome> _homes = new(Most);
    private readonly BoundedMemory<(string Name, DateTimeOffset Until)> _names = new(Most);
    private readonly TimeProvider _time = time;
    private int _renaming;
    private int _renamed;

    /// <summary>An experiment is about to get another name: until <see cref="Renamed"/>, no name is trusted.</summary>
    public void Renaming() => Interlocked.Increment(ref _renaming);

    /// <summary>The renaming is over, whether it succeeded or not.</summary>
    public void Renamed()
    {
        // In this order: a question that was asked meanwhile must find that something changed before it may be remembered.
        Interlocked.Increment(ref _renamed);
        _names.Clear();
        Interlocked.Decrement(ref _renaming);
    }

    /// <summary>A reader for one request.</summary>
    /// <param name="ask">How it asks.</param>
    public Reader For(AskMlflow ask) => new(this, ask);

    /// <summary>Finds what is behind the ids of one request: in what is remembered, or by asking.</summary>
    internal sealed class Reader(ResourceNames all, AskMlflow ask)
    {
        /// <summary>The name of an experiment; null if there is no such.</summary>
        public async ValueTask<string?> NameOfExperimentAsync(string id)
        {
            if (Volatile.Read(ref all._renaming) == 0 && all._names.TryGet(id, out var known) && known.Until > all._time.GetUtcNow()) return known.Name;
            var before = Volatile.Read(ref all._renamed);
            using var answer = await AskAsync("/api/2.0/mlflow/experiments/get", "?experiment_id=" + id);
            // An id that MLflow reads more freely than it is written would be two.
            if (answer is null || Text(answer, "experiment", "experiment_id") != id) return null;
            var name = Text(answer, "experiment", "name") ?? throw new NoNameException($"MLflow's answer about experiment {id} has no name.");
            if (Volatile.Read(ref all._renaming) == 0 && before == Volatile.Read(ref all._renamed))
            {
                all._names.Set(id, (name, all._time.GetUtcNow() + NameLifetime));
                // A renaming that began in between has cleared before this was set.
                if (Volatile.Read(ref all._renaming) != 0 || before != Volatile.Read(ref all._renamed)) all._names.Clear();
            }
            return name;
        }

        /// <summary>Where a run belongs; null if there is no such.</summary>
        public ValueTask<ResourceHome?> HomeOfRunAsync(string id) => HomeAsync(id, "/api/2.0/mlflow/runs/get", "?run_id=" + id, "run", "run_id");

        /// <summary>Where a logged model belongs; null if there is no such.</summary>
        public ValueTask<ResourceHome?> HomeOfLoggedModelAsync(string id) => HomeAsync(id, "/api/2.0/mlflow/logged-models/" + id, "", "model", "model_id");

        private async ValueTask<ResourceHome?> HomeAsync(string id, string path, string query, string kind, string idField)
        {
            var key = kind + ' ' + id;
            if (all._homes.TryGet(key, out var known)) return known;
            using var answer = await AskAsync(path, query);
            if (answer is null || Text(answer, kind, "info", idField) != id) return null;
            var home = new ResourceHome(Text(answer, kind, "info", "experiment_id") ?? throw new NoNameException($"MLflow's answer about {kind} {id} has no experiment."), Text(answer, kind, "info", "artifact_uri") ?? "");
            all._homes.Set(key, home);
            return home;
        }

        // Null for what MLflow says does not exist.
        private async Task<JsonDocument?> AskAsync(string path, string query)
        {
            var answer = await ask(Catalogue.Find("GET", path, out _, out _)!, path + query);
            if (answer.Status is 400 or 404) return null;
            if (answer.Status != 200) throw new NoNameException($"MLflow answered {answer.Status} to GET {path}.");
            try
            {
                return JsonDocument.Parse(answer.Body);
            }
            catch (JsonException)
            {
                throw new NoNameException($"MLflow did not answer in JSON to GET {path}.");
            }
        }

        private static string? Text(JsonDocument answer, params string[] path)
        {
            var at = answer.RootElement;
            foreach (var name in path)
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return null;
            }
            return at.ValueKind == JsonValueKind.String ? at.GetString() : null;
        }
    }
}
