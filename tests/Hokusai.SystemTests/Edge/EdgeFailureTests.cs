using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>The load balancer's own status codes, on real sockets.</summary>
public sealed class EdgeFailureTests
{
    private const string Request = "GET /api/mlflow/x HTTP/1.1";

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_RefusedConnection_Is502()
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var edge = await EdgeHop.InFrontOfAsync(nobody);

        await Expect502Async(edge, "GET");
        await Expect502Async(edge, "HEAD");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_Reset_Is502()
    {
        await using var target = RawServer.Resetting();
        await using var edge = await EdgeHop.InFrontOfAsync(target.Url);

        await Expect502Async(edge, "GET");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("")]
    [InlineData("220 smtp.example.com ESMTP\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n")]
    public async Task Forward_GarbageOrNothing_Is502(string garbage)
    {
        await using var target = RawServer.Saying(garbage);
        await using var edge = await EdgeHop.InFrontOfAsync(target.Url);

        await Expect502Async(edge, "GET");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_SilenceBeyondTheIdleTimeout_Is504()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = await ScriptedServer.StartAsync(ScriptedServer.Silence(gone));
        await using var edge = await EdgeHop.InFrontOfAsync(target.Url, TimeSpan.FromSeconds(1));

        var answer = await RawClient.SendInTimeAsync(() => RawClient.SendAsync(edge.Url, Request));

        Assert.Equal(504, answer.Status);
        Assert.Contains("504 Gateway Time-out", answer.Body, StringComparison.Ordinal);
        await gone.Task.InTime();
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_TargetBreaksOffInMidBody_IsABrokenConnection()
    {
        await using var target = RawServer.Saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        await using var edge = await EdgeHop.InFrontOfAsync(target.Url);

        var answer = await RawClient.SendAsync(edge.Url, Request);

        Assert.DoesNotContain("\r\n0\r\n", answer.Body, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => edge.Client().GetStringAsync(new Uri("/api/mlflow/x", UriKind.Relative), TestContext.Current.CancellationToken));
        await edge.StopAsync();
        await edge.Logs.HasAsync(2, "Hokusai.Edge[1000 TargetFailed]");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(404)]
    public async Task Forward_ErrorOfTheTarget_PassesUnchanged(int status)
    {
        await using var hop = await EdgeHop.StartAsync(api: ScriptedServer.Answer(status, """{"error_code":"OF_THE_TARGET"}"""));

        var answer = await RawClient.SendAsync(hop.Url, Request);

        Assert.Equal((status, """{"error_code":"OF_THE_TARGET"}"""), (answer.Status, answer.Body));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET", "204 No Content\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("GET", "205 Reset Content\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("GET", "205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HEAD", "204 No Content\r\nContent-Length: 5\r\n\r\n")]
    public async Task Forward_BodyWhereNoneMayBe_IsLeftOut(string method, string answered)
    {
        await using var target = RawServer.Saying($"HTTP/1.1 {answered}");
        await using var edge = await EdgeHop.InFrontOfAsync(target.Url);

        var answer = await RawClient.SendAsync(edge.Url, Request.Replace("GET", method, StringComparison.Ordinal));

        Assert.Equal((answered[..3], ""), (answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture), answer.Body));
        Assert.DoesNotContain("Content-Length: 5", answer.Head, StringComparison.Ordinal);
    }

    private static async Task Expect502Async(TestRole edge, string method)
    {
        var answer = await RawClient.SendAsync(edge.Url, Request.Replace("GET", method, StringComparison.Ordinal));

        Assert.Equal(502, answer.Status);
        Assert.Equal(method == "HEAD", answer.Body.Length == 0);
        await edge.Logs.HasAsync("Hokusai.Edge[1000 TargetFailed]");
    }
}
