using System.Net;
using System.Net.Sockets;
using Hokusai.Verify;

namespace Hokusai.Tests.Verify;

public sealed class VerificationFailureTests : IDisposable
{
    private readonly Journey _journey = new();

    public void Dispose() => _journey.Dispose();

    [Fact]
    public async Task Run_StepFails_StopsAndCleansUp()
    {
        _journey.Break("POST runs/log-metric", () => FakeMlflow.Error(HttpStatusCode.InternalServerError, "INTERNAL_ERROR", "disk full"));
        var report = await _journey.RunAsync();
        var failed = Journey.Failed(report);
        Assert.Equal("metrics logged and read back", failed.Name);
        Assert.Contains("500 INTERNAL_ERROR: disk full", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(
            ["run removed", "experiment removed"],
            report.Steps.SkipWhile(step => step.Name != "alias removed").Where(step => step.Outcome == StepOutcome.Passed).Select(step => step.Name));
        Assert.Equal(StepOutcome.NotRun, report.Steps.Single(step => step.Name == "tags set").Outcome);
        Assert.Empty(_journey.Server.Things);
        Assert.Equal(1, report.ExitCode);
    }

    [Fact]
    public async Task Run_NameIsTaken_LeavesWhatIsNotOurs()
    {
        _journey.Server.Things.Add("registered model");
        _journey.Break("POST registered-models/create", () => FakeMlflow.Error(HttpStatusCode.BadRequest, "RESOURCE_ALREADY_EXISTS"));
        await _journey.RunAsync();
        Assert.Equal(["registered model"], _journey.Server.Things);
    }

    [Fact]
    public async Task Run_CreateIsNotAnswered_RemovesWhatMayHaveBeenMade()
    {
        _journey.Break("POST experiments/create", () =>
        {
            _journey.Server.Things.Add("experiment");
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended");
        });
        var report = await _journey.RunAsync();
        Assert.Equal("POST /api/mlflow/api/2.0/mlflow/experiments/create: mlflow.test:80 closed the connection before the answer was complete", Journey.Failed(report).Detail);
        Assert.Empty(_journey.Server.Things);
    }

    [Fact]
    public async Task Run_RemovalFails_GoesOnWithTheOthers()
    {
        _journey.Break("DELETE registered-models/alias", () => FakeMlflow.Error(HttpStatusCode.Forbidden, "PERMISSION_DENIED"));
        var report = await _journey.RunAsync();
        Assert.Equal("alias removed", Journey.Failed(report).Name);
        Assert.Equal(["alias"], _journey.Server.Things);
    }

    [Fact]
    public async Task Run_Interrupted_CleansUp()
    {
        using var interrupt = new CancellationTokenSource();
        _journey.Break("POST runs/log-batch", () =>
        {
            interrupt.Cancel();
            throw new OperationCanceledException(interrupt.Token);
        });
        var report = await _journey.RunAsync(cancellation: interrupt.Token);
        Assert.Equal("interrupted", Journey.Failed(report).Detail);
        Assert.Empty(_journey.Server.Things);
    }

    [Fact]
    public async Task Run_NoAnswer_TimesOutByTheClock()
    {
        _journey.Server.Before = async (call, _, cancellation) =>
        {
            if (call != "POST runs/create") return null;
            var wait = Task.Delay(Timeout.InfiniteTimeSpan, _journey.Time, cancellation);
            _journey.Time.Advance(TimeSpan.FromSeconds(30));
            await wait;
            return null;
        };
        var report = await _journey.RunAsync();
        Assert.Equal("POST /api/mlflow/api/2.0/mlflow/runs/create: timed out after 30 s", Journey.Failed(report).Detail);
    }

    [Fact]
    public async Task Run_ConnectionRefused_IsNotReachable()
    {
        _journey.Break("GET /api/mlflow/version", () => throw new HttpRequestException(HttpRequestError.ConnectionError, "no", new SocketException((int)SocketError.ConnectionRefused)));
        var report = await _journey.RunAsync();
        Assert.Equal("GET /api/mlflow/version: connection refused at mlflow.test:80: nothing listens there", Journey.Failed(report).Detail);
        Assert.Equal(3, report.ExitCode);
        Assert.Single(_journey.Server.Calls);
    }

    [Fact]
    public async Task Run_ReaderOfTheOutputIsGone_CleansUp()
    {
        _journey.OnStep = _ => throw new IOException("broken pipe");
        var report = await _journey.RunAsync();
        Assert.True(report.Passed);
        Assert.Empty(_journey.Server.Things);
    }
}
