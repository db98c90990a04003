using System.Net;
using Hokusai.Verify;

namespace Hokusai.Tests.Verify;

public sealed class VerificationTests : IDisposable
{
    private readonly Journey _journey = new();

    public void Dispose() => _journey.Dispose();

    [Fact]
    public async Task Run_GoodServer_PassesAndLeavesNothing()
    {
        var report = await _journey.RunAsync();
        Assert.True(report.Passed, Journey.Failures(report));
        Assert.Equal(34, report.Count(StepOutcome.Passed));
        Assert.Empty(_journey.Server.Things);
        Assert.Empty(_journey.Server.Files);
        Assert.Equal([$"Bearer {Journey.Key}"], _journey.Server.Credentials);
        Assert.Equal(0, report.ExitCode);
    }

    [Fact]
    public async Task Run_GoodServer_CallsInTheOrderOfTheClient()
    {
        await _journey.RunAsync();
        string[] order = ["POST experiments/create", "POST runs/create", "POST logged-models", "POST registered-models/create", "POST model-versions/create",
            "GET model-versions/get", "POST registered-models/alias", "GET registered-models/alias", "GET model-versions/get-download-uri", "POST runs/search",
            "POST runs/update", "DELETE registered-models/alias", "DELETE model-versions/delete", "DELETE registered-models/delete", "POST runs/delete", "POST experiments/delete"];
        Assert.Equal(order, _journey.Server.Calls.Where(order.Contains));
    }

    [Fact]
    public async Task Run_NoKey_SendsNoCredential()
    {
        await _journey.RunWithoutKeyAsync();
        Assert.Equal([null], _journey.Server.Credentials);
    }

    [Fact]
    public async Task Run_ServerWithoutLoggedModels_PutsTheModelAmongTheArtifactsOfTheRun()
    {
        _journey.Server.LoggedModels = false;
        _journey.Server.Version = "2.9.2";
        var report = await _journey.RunAsync();
        Assert.True(report.Passed, Journey.Failures(report));
        Assert.Equal(
            ["logged model created", "logged model finalized", "logged model linked to the run", "logged model removed"],
            report.Steps.Where(step => step.Outcome == StepOutcome.Skipped).Select(step => step.Name));
        Assert.Empty(_journey.Server.Files);
    }

    [Fact]
    public async Task Run_Version3WithoutLoggedModels_Fails()
    {
        _journey.Server.LoggedModels = false;
        var failed = Journey.Failed(await _journey.RunAsync());
        Assert.Equal("logged model created", failed.Name);
        Assert.Contains("POST /api/mlflow/api/2.0/mlflow/logged-models: 404", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_KeyRefused_SaysTheServersReasonButNeverTheKey()
    {
        _journey.Break("GET /api/mlflow/version", () => FakeMlflow.Answer(HttpStatusCode.Unauthorized,
            $$$"""{"error_code":"UNAUTHENTICATED","message":"{{{Journey.Key}}} has expired","hokusai":{"code":"HKS-KEY","hint":"ask for a new one","request_id":"r1"}}"""));
        var report = await _journey.RunAsync();
        Assert.Equal("GET /api/mlflow/version: 401 UNAUTHENTICATED: [key] has expired [HKS-KEY]; hint: ask for a new one; request_id: r1", Journey.Failed(report).Detail);
        Assert.DoesNotContain(Journey.Key, VerifyOutput.Json(report), StringComparison.Ordinal);
        Assert.Equal(1, report.ExitCode);
    }

    [Fact]
    public async Task Run_OtherBytesComeBack_Fails()
    {
        _journey.Server.Before = (call, _, _) =>
        {
            if (call.StartsWith("GET artifacts", StringComparison.Ordinal) && call.EndsWith("5%20MiB.bin", StringComparison.Ordinal)) _journey.Server.Files.Single(file => file.Key.EndsWith("5 MiB.bin", StringComparison.Ordinal)).Value[77] ^= 1;
            return Task.FromResult<HttpResponseMessage?>(null);
        };
        var failed = Journey.Failed(await _journey.RunAsync());
        Assert.Equal("artifacts downloaded, equal", failed.Name);
        Assert.Contains("other bytes came back", failed.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "http://mlflow.test/api/mlflow")]
    [InlineData(HttpStatusCode.Unauthorized, "http://mlflow.test/api/mlflow")]
    [InlineData(HttpStatusCode.NotFound, "http://mlflow.test")]
    public async Task Run_UrlWithoutPath_IsCompletedIfSomethingAnswersThere(HttpStatusCode status, string expected)
    {
        _journey.Server.Before = (_, request, _) => Task.FromResult<HttpResponseMessage?>(FakeMlflow.Answer(
            request.RequestUri!.AbsolutePath == "/version" ? HttpStatusCode.BadGateway : status, "", "text/plain"));
        Assert.Equal(expected, (await _journey.RunAsync(url: "http://mlflow.test/")).TrackingUrl);
    }

    [Fact]
    public async Task Run_MissingArtifactIsAnsweredWith500AsByMlflow_BelievesTheListing()
    {
        _journey.Server.Before = (call, _, _) => Task.FromResult(
            call.StartsWith("GET artifacts/", StringComparison.Ordinal) && _journey.Server.Files.Count == 0
                ? FakeMlflow.Error(HttpStatusCode.InternalServerError, "INTERNAL_ERROR")
                : null);
        var report = await _journey.RunAsync();
        Assert.True(report.Passed, Journey.Failures(report));
        Assert.Equal("500 as MLflow answers it; the listing is empty", report.Steps[^1].Detail);
    }
}
