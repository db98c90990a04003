using System.Text.RegularExpressions;
using Hokusai.Storage;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Registry;

/// <summary>Aliases: names that point to one version of a model each, and may be moved.</summary>
internal sealed partial class AliasStore(Database database)
{
    public const string Latest = "latest";

    public Task<bool> SetAsync(string name, string alias, string version, CancellationToken cancellation)
    {
        CheckName(alias);
        if (alias.Equals(Latest, StringComparison.OrdinalIgnoreCase)) throw ApiException.Invalid("'latest' alias name (case insensitive) is reserved.");
        if (VersionLike().IsMatch(alias)) throw ApiException.Invalid($"Version alias name '{alias}' is reserved.");
        var number = ModelVersionStore.Number(version);
        return database.WriteAsync(
            session =>
            {
                // Kept locked, so that it can't be deleted meanwhile and leave the alias behind.
                session.Number("SELECT version FROM model_versions WHERE model_pk = (SELECT model_pk FROM registered_models WHERE name = $1) AND version = $2 {LOCK}", name, number);
                var found = ModelVersionStore.Require(session, name, number);
                return session.Execute(
                    "INSERT INTO registered_model_aliases (model_pk, alias, version) VALUES ($1, $2, $3) ON CONFLICT (model_pk, alias) DO UPDATE SET version = excluded.version",
                    found.ModelPk, alias, number) > 0;
            },
            cancellation);
    }

    public Task<bool> DeleteAsync(string name, string alias, CancellationToken cancellation) => database.WriteAsync(
        session => session.Execute("DELETE FROM registered_model_aliases WHERE model_pk = $1 AND alias = $2", RegisteredModelStore.Require(session, name).Pk, alias) > 0, cancellation);

    /// <summary>The version that an alias points to; <c>latest</c> is the newest.</summary>
    public Task<ModelVersion> GetAsync(string name, string alias, CancellationToken cancellation)
    {
        CheckName(alias);
        return database.ReadAsync(
            session =>
            {
                var model = RegisteredModelStore.Require(session, name);
                var version = session.Number("SELECT version FROM registered_model_aliases WHERE model_pk = $1 AND alias = $2", model.Pk, alias);
                if (version is null && alias.Equals(Latest, StringComparison.OrdinalIgnoreCase))
                    version = session.Number("SELECT max(version) FROM model_versions WHERE model_pk = $1 AND deleted = 0", model.Pk);
                // 400, not 404: clients tell the two apart for prompts.
                return version is null ? throw ApiException.Invalid($"Registered model alias {alias} not found.") : ModelVersionStore.Require(session, name, version.Value);
            },
            cancellation);
    }

    private static void CheckName(string alias)
    {
        Rules.NotLonger("registered model alias", alias, 255);
        if (!Name().IsMatch(alias)) throw ApiException.Invalid($"Invalid alias name: '{alias}'. Names may only contain alphanumerics, underscores (_) and dashes (-).");
    }

    [GeneratedRegex(@"^[\w\-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex("^[vV][0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionLike();
}
