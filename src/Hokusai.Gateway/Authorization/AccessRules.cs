using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Authorization;

/// <summary>
/// Whether a key's grants cover a request: which experiments and models it touches is read from where the catalogue says, and each must be
/// reached. What can't be told is refused. The gateway decides by it, and <c>hokusai keys explain</c> shows how.
/// </summary>
internal sealed class AccessRules(ResourceNames.Reader names)
{
    // Each may cost a question to MLflow.
    private const int MostResources = 1000;

    /// <summary>Decides; null if nothing stands against the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="trace">Where to tell the way to the decision; null for nowhere.</param>
    public async ValueTask<(FailurePlace Place, string? Detail)?> DecideAsync(AccessRequest request, AccessTrace? trace = null)
    {
        var limits = AccessRequest.Limits(request.Endpoint, request.Key.Grants);
        if (limits == Domains.None)
        {
            trace?.Add("grants", true, request.Key.Grants is null ? "the key has none: it reaches everything" : "the endpoint touches nothing that they limit");
            return null;
        }
        try
        {
            if (await new Decision(names, request, limits, trace).RefusalAsync() is not { } refusal) return null;
            trace?.Add("decision", false, refusal.Detail!);
            return (refusal.Place, KeyRedactor.Redact(refusal.Detail!));
        }
        catch (AmbiguousRequestException e)
        {
            trace?.Add("spelling", false, e.Message);
            return (FailurePlace.RequestAmbiguous, KeyRedactor.Redact(e.Message));
        }
    }

    /// <summary>One request on its way through the rules.</summary>
    private sealed class Decision(ResourceNames.Reader names, AccessRequest request, Domains limits, AccessTrace? trace)
    {
        private readonly KeyGrants _grants = request.Key.Grants!;
        private readonly List<ResourceHome> _homes = [];
        private int _resources;

        public async ValueTask<(FailurePlace Place, string? Detail)?> RefusalAsync()
        {
            var reach = request.Endpoint.Reach;
            if (reach.IsUnclear) return Unclear($"What {request.Endpoint.Label} touches does not follow from the request.");
            if (reach.Search is { } search)
            {
                using var read = RequestFields.Read(request.Method, request.Query, request.Body);
                (_, _) = (read.Texts("page_token"), read.Number("max_results"));
                trace?.Add("grants", true, $"the results are filtered by name: {Words(search.Domain)}");
                return null;
            }
            using var fields = reach.Fields.Any(field => field.Place == FieldPlace.Message) ? RequestFields.Read(request.Method, request.Query, request.Body) : RequestFields.Read("GET", request.Query, default);
            foreach (var field in reach.Fields)
            {
                if ((field.Domain & limits) != 0 && await RefusalOfAsync(field, fields) is { } refusal) return refusal;
            }
            return null;
        }

        private async ValueTask<(FailurePlace, string?)?> RefusalOfAsync(ResourceField field, RequestFields fields)
        {
            var values = Values(field, fields);
            if (values.Count == 0 && field.Default is { } standard) values = [standard];
            if (values.Count == 0 && !field.IsOptional) return Unclear($"{request.Endpoint.Label} names it in '{field.Name}', which is not there.");
            foreach (var value in values.Distinct(StringComparer.Ordinal))
            {
                if (++_resources > MostResources) return Unclear($"It names more than {MostResources} things.");
                trace?.Add("resource", null, $"{field.Kind} '{value}' found in {field.Place.ToString().ToLowerInvariant()} '{field.Name}'");
                if (await CheckAsync(field.Kind, value, field.Name) is { } refusal) return refusal;
            }
            return null;
        }

        private List<string> Values(ResourceField field, RequestFields fields) => field.Place switch
        {
            FieldPlace.Path => OfPath(field),
            FieldPlace.Query => fields.InQuery(field.Name, field.IsList),
            FieldPlace.Header => request.ExperimentHeaders.Count > 1 ? throw new AmbiguousRequestException($"The header '{field.Name}' stands there {request.ExperimentHeaders.Count} times.") : [.. request.ExperimentHeaders],
            _ => fields.Texts(field.Name, field.IsList),
        };

        // Clients send a logged model's id in the body too, and MLflow may read it from there.
        private List<string> OfPath(ResourceField field)
        {
            var value = request.Parameters[0];
            if (field.Kind != ResourceKind.LoggedModel) return [value];
            using var message = RequestFields.Read(request.Method, request.Query, request.Body);
            if (message.Texts(field.Name).Exists(other => other != value)) throw new AmbiguousRequestException($"'{field.Name}' is one thing in the path and another in the message.");
            return [value];
        }

        private ValueTask<(FailurePlace, string?)?> CheckAsync(ResourceKind kind, string value, string field) => kind switch
        {
            ResourceKind.ExperimentId => ExperimentAsync(value, $"experiment {value} ('{field}')", field),
            ResourceKind.Run => HomeAsync("run", value, field, names.HomeOfRunAsync),
            ResourceKind.LoggedModel => HomeAsync("logged model", value, field, names.HomeOfLoggedModelAsync),
            ResourceKind.ArtifactPath => ExperimentOfPath(value) is { } id ? ExperimentAsync(id, $"experiment {id} ('{field}')", field) : new(Unclear($"The artifact path in '{field}' does not plainly begin with an experiment's id.")),
            ResourceKind.Location => LocationAsync(value, field),
            ResourceKind.Model => new(Judge(Domains.Models, value, $"the model '{value}' ('{field}')")),
            _ => new(Judge(Domains.Experiments, value, $"the experiment '{value}' ('{field}')")),
        };

        private async ValueTask<(FailurePlace, string?)?> ExperimentAsync(string id, string called, string field)
        {
            if (!IsId(id)) return Unclear($"What stands in '{field}' is no id.");
            if (await names.NameOfExperimentAsync(id) is not { } name) return Unclear($"MLflow knows no experiment {id} ('{field}').");
            trace?.Add("resource", null, $"experiment {id} is '{name}'");
            return Judge(Domains.Experiments, name, called);
        }

        private async ValueTask<(FailurePlace, string?)?> HomeAsync(string word, string id, string field, Func<string, ValueTask<ResourceHome?>> find)
        {
            if (!IsId(id)) return Unclear($"What stands in '{field}' is no id.");
            if (await find(id) is not { } home) return Unclear($"MLflow knows no {word} {id} ('{field}').");
            trace?.Add("resource", null, $"{word} {id} belongs to experiment {home.ExperimentId}");
            _homes.Add(home);
            return await ExperimentAsync(home.ExperimentId, $"the {word} {id} ('{field}'), whose experiment", field);
        }

        // A place that plainly belongs to an experiment or model, or lies below a run or logged model that the request names too.
        private ValueTask<(FailurePlace, string?)?> LocationAsync(string uri, string field)
        {
            // A prompt's version has no files.
            if (uri == "dummy-source") return default;
            if (uri.StartsWith("models:", StringComparison.Ordinal)) return ModelUriAsync(uri["models:".Length..].TrimStart('/'), field);
            if ((limits & Domains.Experiments) == 0) return default;
            if (WalksUp(uri) || uri.AsSpan().IndexOfAny('?', '#') >= 0) return new(Unclear($"The location in '{field}' is not plain."));
            if (uri.StartsWith("mlflow-artifacts:", StringComparison.Ordinal)) return CheckAsync(ResourceKind.ArtifactPath, StorePath(uri), field);
            if (uri.StartsWith("runs:/", StringComparison.Ordinal)) return CheckAsync(ResourceKind.Run, uri["runs:".Length..].TrimStart('/').Split('/')[0], field);
            return _homes.Exists(home => home.ArtifactUri.Length > 0 && (uri == home.ArtifactUri || uri.StartsWith(home.ArtifactUri.TrimEnd('/') + "/", StringComparison.Ordinal)))
                ? default
                : new(Unclear($"The location in '{field}' leads to no run or logged model that the request names."));
        }

        private ValueTask<(FailurePlace, string?)?> ModelUriAsync(string rest, string field)
        {
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 && rest.StartsWith("m-", StringComparison.Ordinal)) return (limits & Domains.Experiments) == 0 ? default : CheckAsync(ResourceKind.LoggedModel, rest, field);
            if ((limits & Domains.Models) == 0 && !rest.StartsWith("m-", StringComparison.Ordinal)) return default;
            var end = slash >= 0 ? slash : rest.LastIndexOf('@');
            var name = end < 0 ? "" : Uri.UnescapeDataString(rest[..end]);
            if (name.Length == 0 || name.Contains('%', StringComparison.Ordinal) || rest.StartsWith("m-", StringComparison.Ordinal)) return new(Unclear($"The location in '{field}' does not plainly name a model."));
            return CheckAsync(ResourceKind.Model, name, field);
        }

        private (FailurePlace, string?)? Judge(Domains domain, string name, string called)
        {
            if ((limits & domain) == 0) return null;
            var reached = GrantPatterns.Reach(domain == Domains.Models ? _grants.Models : _grants.Experiments, name, out var pattern);
            trace?.Add("grant", reached, pattern is null ? $"no pattern reaches '{name}': {Words(domain)}" : $"'{pattern}' decides on '{name}'");
            return reached ? null : (FailurePlace.GrantMissing, $"{request.Endpoint.Label} touches {called}, which is not reached by {request.Key.KeyId}, that reaches {Words(domain)}.");
        }

        private string Words(Domains domain)
        {
            var (patterns, word) = domain == Domains.Models ? (_grants.Models, "models") : (_grants.Experiments, "experiments");
            return patterns is null ? $"all {word}" : patterns.Count == 0 ? $"no {word}" : $"{word} by {string.Join(", ", patterns)}";
        }

        private (FailurePlace, string?)? Unclear(string why) => (FailurePlace.GrantUnclear, $"{why} The key {request.Key.KeyId} reaches {Words(Domains.Experiments)} and {Words(Domains.Models)}.");
    }

    // Ids as MLflow makes them. What needs escaping could be read as another thing by the next one.
    private static bool IsId(string id) => id.Length is > 0 and <= 256 && !id.AsSpan().ContainsAnyExcept(IdCharacters);

    private static readonly System.Buffers.SearchValues<char> IdCharacters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    internal static string? ExperimentOfPath(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? path : path[..slash];
        return IsId(first) && !WalksUp(path) ? first : null;
    }

    // By as many layers of escapes as MLflow takes off; what has more is not plain either.
    private static bool WalksUp(string path)
    {
        for (var i = 0; i < 10; i++)
        {
            if (path.Contains('\\', StringComparison.Ordinal) || path.Split('/').Contains("..")) return true;
            var decoded = string.Concat(Uri.UnescapeDataString(path).Split('\t', '\r', '\n'));
            if (decoded == path) return false;
            path = decoded;
        }
        return true;
    }

    // mlflow-artifacts:/1/… and mlflow-artifacts://HOST/1/…
    private static string StorePath(string uri)
    {
        var rest = uri["mlflow-artifacts:".Length..];
        if (!rest.StartsWith("//", StringComparison.Ordinal)) return rest.TrimStart('/');
        var slash = rest.IndexOf('/', 2);
        return slash < 0 ? "" : rest[slash..].TrimStart('/');
    }
}
