using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Authorization;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Tests.Gateway.Authorization;

/// <summary>What a key with grants may touch, where the request says what it touches, and what is refused because it does not plainly say it.</summary>
public sealed class AccessRulesTests
{
    private const string V2 = "/api/2.0/mlflow/";
    private static readonly PathTable<MlflowEndpoint> Catalogue = RouteCatalogue.Build();
    private static readonly KeyGrants Both = new(["open*", "!open-but-not"], ["open*"]);

    [Theory]
    [InlineData("GET", "experiments/get?experiment_id=1", "")]
    [InlineData("GET", "experiments/get-by-name?experiment_name=open%2Dnew", "")]
    [InlineData("POST", "experiments/create", """{"name": "open-3"}""")]
    [InlineData("POST", "experiments/create", """{"name": "open-3", "artifact_location": "mlflow-artifacts:/1/x"}""")]
    [InlineData("POST", "experiments/update", """{"experimentId": 1, "newName": "open-3"}""")]
    [InlineData("POST", "runs/create", """{"experiment_id": "1"}""")]
    [InlineData("POST", "runs/create", "\"{\\\"experiment_id\\\": \\\"1\\\"}\"")]
    [InlineData("GET", "runs/get?run_id=r1&run_uuid=r1", "")]
    [InlineData("POST", "runs/search", """{"experiment_ids": ["1"]}""")]
    [InlineData("POST", "runs/search", "{}")]
    [InlineData("POST", "runs/log-batch", """{"run_id": "r1", "metrics": [{"key": "a"}, {"model_id": "m-1"}]}""")]
    [InlineData("GET", "metrics/get-history-bulk?run_id=r1&run_id=r1", "")]
    [InlineData("PATCH", "logged-models/m-1", """{"model_id": "m-1"}""")]
    [InlineData("POST", "registered-models/create", """{"name": "open-model"}""")]
    [InlineData("DELETE", "registered-models/alias", """{"name": "open-model", "alias": "a"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "mlflow-artifacts:/1/r1/artifacts/model", "run_id": "r1"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "s3://bucket/1/r1/artifacts/model", "run_id": "r1"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "models:/m-1", "model_id": "m-1"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "models:/open-other/3"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open-prompt", "source": "dummy-source"}""")]
    [InlineData("POST", "/api/2.0/mlflow-artifacts/mpu/create/1/r1/artifacts", "{}")]
    [InlineData("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/step%25100", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts?path=1/r1/artifacts", "")]
    [InlineData("POST", "/api/3.0/mlflow/traces/search", """{"locations": [{"mlflowExperiment": {"experiment_id": "1"}}]}""")]
    [InlineData("GET", "/version", "")]
    public async Task Decide_WhatTheGrantsReach_GoesOn(string method, string target, string body) => Assert.Null(await DecideAsync(method, target, body));

    [Theory]
    [InlineData("GET", "experiments/get?experiment_id=2", "")]
    [InlineData("GET", "experiments/get?experiment_id=%32", "")]
    [InlineData("GET", "experiments/get?experiment_id=3", "")]
    [InlineData("GET", "experiments/get-by-name?experiment_name=secret", "")]
    [InlineData("POST", "experiments/create", """{"name": "secret-2"}""")]
    [InlineData("POST", "experiments/create", """{"name": "open-3", "artifact_location": "mlflow-artifacts:/2"}""")]
    [InlineData("POST", "experiments/update", """{"experiment_id": "1", "new_name": "secret-2"}""")]
    [InlineData("POST", "experiments/update", """{"experiment_id": "2", "new_name": "open-4"}""")]
    [InlineData("POST", "runs/create", "{}")]
    [InlineData("POST", "runs/create", """{"experiment_id": ""}""")]
    [InlineData("GET", "runs/get?run_id=r2", "")]
    [InlineData("POST", "runs/search", """{"experimentIds": ["1", "2"]}""")]
    [InlineData("POST", "runs/log-metric", """{"run_id": "r1", "model_id": "m-2"}""")]
    [InlineData("POST", "runs/log-batch", """{"run_id": "r1", "metrics": [{"model_id": "m-2"}]}""")]
    [InlineData("POST", "runs/outputs", """{"run_id": "r1", "models": [{"modelId": "m-2"}]}""")]
    [InlineData("GET", "metrics/get-history-bulk?run_id=r1&run_id=r2", "")]
    [InlineData("GET", "logged-models/m-2", "")]
    [InlineData("POST", "registered-models/rename", """{"name": "open", "new_name": "secret"}""")]
    [InlineData("GET", "registered-models/get-latest-versions?name=secret", "")]
    [InlineData("POST", "model-versions/create", """{"name": "secret", "source": "dummy-source"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "mlflow-artifacts:/2/r2/artifacts", "run_id": "r1"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "mlflow-artifacts://host/2/r2/artifacts"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "models:/m-2"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "models:/secret/1"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "models:/sec%72et@a"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "runs:/r2/model"}""")]
    [InlineData("POST", "/api/2.0/mlflow-artifacts/mpu/create/2/r2/artifacts", "{}")]
    [InlineData("PUT", "/api/2.0/mlflow-artifacts/artifacts/2/r2/artifacts/a", "")]
    [InlineData("POST", "/api/3.0/mlflow/traces/search", """{"locations": [{"mlflow_experiment": {"experiment_id": "1"}}, {"mlflow_experiment": {"experiment_id": "2"}}]}""")]
    public Task Decide_WhatTheGrantsDoNotReach_IsRefused(string method, string target, string body) => RefusedAsync(FailurePlace.GrantMissing, method, target, body);

    [Theory]
    [InlineData("GET", "experiments/get", "")]
    [InlineData("GET", "experiments/get?experimentId=1", "")]
    [InlineData("GET", "experiments/get?experiment_id=9", "")]
    [InlineData("GET", "experiments/get?experiment_id=01", "")]
    [InlineData("GET", "experiments/get?experiment_id=1%26x", "")]
    [InlineData("GET", "runs/get?run_id=unknown", "")]
    [InlineData("GET", "logged-models/m%2D1", "")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "s3://bucket/2/r2/artifacts/model", "run_id": "r1"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "s3://bucket/1/r1/artifacts/%2e%2e/x", "run_id": "r1"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "MLFLOW-ARTIFACTS:/1/x"}""")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "/mnt/x"}""")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts?path=", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts/1/../2/r2", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts/1%2f..%2f2", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts/1/%252e%252e/2", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts//2/r2", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts/./2/r2", "")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/artifacts/1\\..\\2", "")]
    [InlineData("POST", "/graphql", """{"query": "{ a }"}""")]
    [InlineData("GET", "/", "")]
    [InlineData("GET", "traces/tr-1/info", "")]
    [InlineData("POST", "webhooks", "{}")]
    public Task Decide_WhatCantBeTold_IsRefused(string method, string target, string body) => RefusedAsync(FailurePlace.GrantUnclear, method, target, body);

    [Theory]
    [InlineData("POST", "runs/create", """{"experiment_id": "1", "experimentId": "2"}""")]
    [InlineData("POST", "runs/create", """{"experiment_id": "1", "experiment_id": "1"}""")]
    [InlineData("POST", "runs/create", """{"experiment_id": null, "experimentId": "1"}""")]
    [InlineData("POST", "runs/create", """{"experiment_\u0069d": "2", "experiment_id": "1"}""")]
    [InlineData("POST", "runs/create?experiment_id=2", """{"experiment_id": "1"}""")]
    [InlineData("POST", "runs/create?experimentId=2", """{"experiment_id": "1"}""")]
    [InlineData("POST", "runs/create?experiment_id=1", "{}")]
    [InlineData("POST", "runs/create", """{"experiment_id": ["1"]}""")]
    [InlineData("POST", "runs/create", """{"experiment_id": 1.0}""")]
    [InlineData("POST", "runs/create", """{"experiment_id": "\ud800"}""")]
    [InlineData("POST", "runs/create", """{"\ud800": "1"}""")]
    [InlineData("POST", "runs/create", "no JSON")]
    [InlineData("POST", "runs/create", """["1"]""")]
    [InlineData("POST", "runs/create", "\"\\\"1\\\"\"")]
    [InlineData("POST", "runs/update", """{"run_id": "r1", "run_uuid": "r2"}""")]
    [InlineData("POST", "runs/log-batch", """{"run_id": "r1", "metrics": [{"model_id": "m-1", "modelId": "m-2"}]}""")]
    [InlineData("POST", "runs/log-batch", """{"run_id": "r1", "metrics": {"model_id": "m-2"}}""")]
    [InlineData("GET", "runs/get?run_id=r1&run_id=r2", "")]
    [InlineData("GET", "runs/get?run_id=&run_id=r2", "")]
    [InlineData("GET", "runs/get?run_id=r1&runId=r2", "")]
    [InlineData("PATCH", "logged-models/m-1", """{"model_id": "m-2"}""")]
    [InlineData("GET", "experiments/search?page_token=a&page_token=b", "")]
    [InlineData("POST", "experiments/search", """{"max_results": "x"}""")]
    [InlineData("POST", "experiments/search", """{"max_results": 1, "maxResults": 2}""")]
    public Task Decide_WhatCanBeReadInTwoWays_IsRefused(string method, string target, string body) => RefusedAsync(FailurePlace.RequestAmbiguous, method, target, body);

    [Theory]
    [InlineData("GET", "runs/get?run_id=r2", "")]
    [InlineData("POST", "model-versions/create", """{"name": "open", "source": "s3://anywhere", "run_id": "r2"}""")]
    [InlineData("GET", "traces/tr-1/info", "")]
    public async Task Decide_AKeyWithGrantsOnModelsOnly_ReachesAllExperiments(string method, string target, string body) => Assert.Null(await DecideAsync(method, target, body, new KeyGrants(null, ["open*"])));

    [Fact]
    public async Task Decide_AKeyWithoutGrants_IsNotLookedAt() => Assert.Null(await DecideAsync("POST", "runs/create", "no JSON", grants: null, withGrants: false));

    [Fact]
    public async Task Decide_WithATrace_TellsEachRule()
    {
        var trace = new AccessTrace();
        await DecideAsync("GET", "runs/get?run_id=r2", "", trace: trace);
        Assert.Equal(["resource", "resource", "resource", "grant", "decision"], trace.Rules.Select(rule => rule.Rule));
        Assert.Contains(trace.Rules, rule => rule.Text == "experiment 2 is 'secret'");
    }

    [Theory]
    [InlineData("GET", "/api/mlflow/api/2.0/mlflow/runs/get?run_id=r1", "", "10.1.2.3", null, "route network scope resource resource resource grant")]
    [InlineData("GET", "/api/mlflow/api/2.0/mlflow/runs/get?run_id=r2", "", null, "HKS-DENY-GRANT", "route network scope resource resource resource grant decision")]
    [InlineData("GET", "/mlflow/api/2.0/mlflow/runs/get?run_id=r1&runId=r1", "", null, "HKS-AMBIGUOUS", "route network scope spelling")]
    [InlineData("GET", "/api/2.0/mlflow/runs/get?run_id=r1", "{}", null, "HKS-AMBIGUOUS", "route network scope spelling")]
    [InlineData("POST", "/api/2.0/mlflow/registered-models/create", "{}", null, "HKS-DENY-SCOPE", "route network scope")]
    [InlineData("POST", "/graphql", "{\"query\":\"mutation { a }\"}", null, "HKS-DENY-SCOPE", "route network scope")]
    [InlineData("GET", "/version", "", "192.168.1.1", "", "route network")]
    [InlineData("GET", "/nothing", "", null, "HKS-ROUTE", "route")]
    [InlineData("PUT", "/version", "", null, "HKS-ROUTE-METHOD", "route")]
    public async Task Explain_ARequest_TellsTheRulesInOrder(string method, string target, string body, string? from, string? code, string rules)
    {
        var key = new ValidatedKey("ada", "key_1", "s", [Scopes.Read], AllowedNetworks: ["10.0.0.0/8"], Grants: Both);
        var explanation = await AccessExplanation.OfAsync(key, method, target, Encoding.UTF8.GetBytes(body), from is null ? null : System.Net.IPAddress.Parse(from), async question =>
        {
            var answer = await AnswerAsync(Catalogue.Find("GET", RawTarget.PathOf(question), out _, out _)!, question);
            return (answer.Status, answer.Body);
        });
        Assert.Equal((code is null, code ?? ""), (explanation.Allowed, explanation.Code ?? ""));
        Assert.Equal(rules, string.Join(' ', explanation.Rules.Select(rule => rule.Rule)));
    }

    [Fact]
    public async Task Decide_ARefusal_DoesNotTellTheForbiddenName()
    {
        var refusal = await DecideAsync("GET", "runs/get?run_id=r2", "");
        Assert.DoesNotContain("secret", refusal!.Value.Detail, StringComparison.Ordinal);
        Assert.Contains("open*", refusal.Value.Detail, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(FailurePlace place, string method, string target, string body) => Assert.Equal(place, (await DecideAsync(method, target, body))?.Place);

    private static async Task<(FailurePlace Place, string? Detail)?> DecideAsync(string method, string target, string body, KeyGrants? grants = null, bool withGrants = true, AccessTrace? trace = null)
    {
        if (!target.StartsWith('/')) target = V2 + target;
        var (path, query) = (RawTarget.PathOf(target).ToString(), RawTarget.QueryOf(target).ToString());
        var endpoint = Catalogue.Find(method, path, out var parameters, out _);
        Assert.NotNull(endpoint);
        var key = new ValidatedKey("ada", "key_1", "s", Scopes.All, Grants: withGrants ? grants ?? Both : null);
        return await new AccessRules(new ResourceNames(TimeProvider.System).For(AnswerAsync)).DecideAsync(new AccessRequest(endpoint, parameters, method, query, Encoding.UTF8.GetBytes(body), key, []), trace);
    }

    // MLflow, as far as it is asked.
    private static Task<WholeAnswer> AnswerAsync(MlflowEndpoint endpoint, string target)
    {
        var id = target[(target.LastIndexOfAny(['=', '/']) + 1)..];
        var json = endpoint.Label switch
        {
            "GET /api/2.0/mlflow/experiments/get" when id is "0" or "1" or "2" or "3" => Experiment(id, id switch { "0" => "Default", "1" => "open", "2" => "secret", _ => "open-but-not" }),
            // As MLflow on a database that makes numbers of ids.
            "GET /api/2.0/mlflow/experiments/get" when id is "01" => Experiment("1", "open"),
            "GET /api/2.0/mlflow/runs/get" when id is "r1" or "r2" => Info("run", "run_id", id, $"s3://bucket/{id[^1]}/{id}/artifacts"),
            "GET /api/2.0/mlflow/logged-models/{model_id}" when id is "m-1" or "m-2" => Info("model", "model_id", id, $"mlflow-artifacts:/{id[^1]}/models/{id}/artifacts"),
            _ => null,
        };
        return Task.FromResult(new WholeAnswer(json is null ? 404 : 200, [], Encoding.UTF8.GetBytes(json ?? "{}")));
    }

    private static string Experiment(string id, string name) => $$$"""{"experiment":{"experiment_id":"{{{id}}}","name":"{{{name}}}"} }""";

    private static string Info(string kind, string field, string id, string uri) => $$$"""{"{{{kind}}}":{"info":{"{{{field}}}":"{{{id}}}","experiment_id":"{{{id[^1]}}}","artifact_uri":"{{{uri}}}"} } }""";
}
