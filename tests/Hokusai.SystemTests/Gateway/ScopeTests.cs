using System.Net;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>What a key's scopes allow.</summary>
public sealed class ScopeTests
{
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("mlflow:read", "POST", "api/2.0/mlflow/runs/search", null)]
    [InlineData("mlflow:read", "GET", "api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model.bin", null)]
    [InlineData("mlflow:read", "POST", "api/2.0/mlflow/experiments/create", "mlflow:write")]
    [InlineData("mlflow:read", "POST", "ajax-api/2.0/mlflow/experiments/create", "mlflow:write")]
    [InlineData("mlflow:read", "PUT", "api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model.bin", "mlflow:write")]
    [InlineData("mlflow:write", "POST", "api/2.0/mlflow/runs/create", null)]
    [InlineData("mlflow:write", "GET", "api/2.0/mlflow/experiments/search", "mlflow:read")]
    [InlineData("mlflow:read,mlflow:write", "POST", "api/2.0/mlflow/registered-models/create", "model:write")]
    [InlineData("mlflow:read,mlflow:write", "POST", "//api/2.0/mlflow/registered-models/create", "model:write")]
    [InlineData("mlflow:read,mlflow:write", "POST", "api/2.0/mlflow/model-versions/create", "model:write")]
    [InlineData("mlflow:read,mlflow:write", "DELETE", "api/2.0/mlflow/registered-models/alias", "model:write")]
    [InlineData("model:write", "POST", "api/2.0/mlflow/model-versions/create", null)]
    [InlineData("mlflow:read,mlflow:write,model:write", "POST", "api/2.0/mlflow/webhooks", "admin")]
    [InlineData("admin", "POST", "api/2.0/mlflow/webhooks", null)]
    [InlineData("admin", "GET", "api/2.0/mlflow/experiments/search", null)]
    [InlineData("admin", "POST", "api/2.0/mlflow/runs/create", null)]
    [InlineData("admin", "POST", "api/2.0/mlflow/registered-models/create", null)]
    [InlineData("ADMIN,mlflow", "GET", "api/2.0/mlflow/experiments/search", "mlflow:read")]
    public async Task Admit_KeyWithScopes_MayDoWhatTheyStandFor(string scopes, string method, string path, string? missing)
    {
        await using var hop = await GatewayHop.StartAsync(validate: GatewayHop.Good("ada", "key_1", scopes.Split(',')));
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{hop.Url}/api/mlflow/{path}"));

        using var answer = await hop.Client().SendAsync(request, TestContext.Current.CancellationToken);

        if (missing is null)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Single(hop.Upstream.Requests);
            return;
        }
        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((403, "PERMISSION_DENIED", "HKS-DENY-SCOPE"), (error.Status, error.ErrorCode, error.Code));
        Assert.Contains($"needs the scope {missing}", error.Message, StringComparison.Ordinal);
        Assert.Empty(hop.Upstream.Requests);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Admit_KeyWithoutAnyScope_MayDoNothing()
    {
        await using var hop = await GatewayHop.StartAsync(
            validate: ScriptedServer.Answer(200, """{"user_id":"ada","key_id":"key_1","service_id":"hokusai-gateway","scopes":[]}"""));

        using var answer = await hop.Client().GetAsync(new Uri("/api/2.0/mlflow/experiments/search", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(hop.Upstream.Requests);
    }
}
