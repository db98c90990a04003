using System.Net;
using Hokusai.Health;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Health;

/// <summary>The question that a container's health check asks.</summary>
public sealed class HealthProbeTests
{
    private static readonly Uri Address = new("http://127.0.0.1:8001/health");

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Ask_200_SaysSo()
    {
        var line = await ProbeAnsweredBy(_ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(12));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }).AskAsync(TestContext.Current.CancellationToken);

        Assert.Equal("http://127.0.0.1:8001/health answered 200 after 12 ms", line);
    }

    // A redirect leads elsewhere, and 204 is not what a role answers: both mean that somebody else has the port.
    [Theory]
    [InlineData(HttpStatusCode.NoContent)]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task Ask_AnotherStatus_Fails(HttpStatusCode status)
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => ProbeAnsweredBy(_ => Task.FromResult(new HttpResponseMessage(status))).AskAsync(TestContext.Current.CancellationToken));

        Assert.Equal(ExitCodes.Failed, failure.ExitCode);
        Assert.Contains($"answered {(int)status}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_AnotherStatusThatIsExpected_IsFine()
    {
        var line = await ProbeAnsweredBy(_ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound)), HttpStatusCode.NotFound).AskAsync(TestContext.Current.CancellationToken);

        Assert.Equal("http://127.0.0.1:8001/health answered 404 after 0 ms", line);
    }

    [Fact]
    public async Task Ask_NobodyListens_IsUnreachable()
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => ProbeAnsweredBy(_ => throw new HttpRequestException("Connection refused")).AskAsync(TestContext.Current.CancellationToken));

        Assert.Equal((ExitCodes.Unreachable, "http://127.0.0.1:8001/health can't be reached: Connection refused"), (failure.ExitCode, failure.Message));
    }

    [Fact]
    public async Task Ask_NoAnswerInTime_IsUnreachable()
    {
        var asking = ProbeAnsweredBy(async cancellation =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
            return new HttpResponseMessage(HttpStatusCode.OK);
        }).AskAsync(TestContext.Current.CancellationToken);
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => asking);
        Assert.Equal((ExitCodes.Unreachable, "http://127.0.0.1:8001/health did not answer within 2 s"), (failure.ExitCode, failure.Message));
    }

    [Theory]
    [InlineData("127.0.0.1:8001/health")]
    [InlineData("https://127.0.0.1:8001/health")]
    [InlineData("http://user:word@127.0.0.1:8001/health")]
    [InlineData("http://127.0.0.1:8001/health?key=x")]
    public void Address_ThatIsNone_IsRefused(string url) => Assert.Equal(ExitCodes.Usage, Assert.Throws<CommandFailure>(() => HealthProbe.AddressFrom(url)).ExitCode);

    [Theory]
    [InlineData(0)]
    [InlineData(199)]
    [InlineData(600)]
    public void Status_ThatIsNone_IsRefused(int status) => Assert.Equal(ExitCodes.Usage, Assert.Throws<CommandFailure>(() => HealthProbe.StatusFrom(status)).ExitCode);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(61)]
    [InlineData(double.NaN)]
    public void Deadline_OutOfRange_IsRefused(double seconds) => Assert.Equal(ExitCodes.Usage, Assert.Throws<CommandFailure>(() => HealthProbe.DeadlineFrom(seconds)).ExitCode);

    private HealthProbe ProbeAnsweredBy(Func<CancellationToken, Task<HttpResponseMessage>> answer, HttpStatusCode expected = HttpStatusCode.OK) => new(Address, expected, TimeSpan.FromSeconds(2), new Scripted(answer), _time);

    private sealed class Scripted(Func<CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(cancellationToken);
    }
}
