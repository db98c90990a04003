using System.Net;
using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Journal;
using Hokusai.Tests.Gateway.Telemetry;
using Hokusai.Why;

namespace Hokusai.Tests.Why;

public sealed class WhyTests
{
    private const string Url = "http://gateway.test";

    [Fact]
    public async Task Write_FailedRequest_TellsTheStoryInOrder()
    {
        Assert.Equal(
            """
            Request abc
            GET /mlflow/runs/get at 2026-03-01 12:00:00.000 UTC
            502 HKS-UP-CONNECT (ConnectFailed) in 2100.0 ms, upstream http://mlflow.hokusai.local:5000
            trace 0af7651916cd43dd8448eb211c80319c

                  0.0 ms  GET /api/2.0/mlflow/runs/get came from 10.0.0.7
                  0.2 ms  key k_one was found in Authorization: Bearer; the remembered verdict took 0.2 ms
                  1.0 ms  attempt 1: 10.0.1.5:5000 over a pooled connection
                  4.0 ms  attempt 1 failed after 3.0 ms at UpstreamReset
                 60.0 ms  attempt 2 because of stale connection: 10.0.1.6:5000
               2060.0 ms  attempt 2 failed after 2000.0 ms at ConnectFailed
               2100.0 ms  circuit breakers stood at: metadata open, artifacts closed, auth closed
               2100.0 ms  answered 502 (HKS-UP-CONNECT, ConnectFailed); 17 bytes in, 200 bytes out

            cause  The MLflow server takes no connection. Nobody listens there.
            hint   Nothing was processed: try again. Operators: is it running, is its port open?

            """,
            await RunAsync(HttpStatusCode.OK, Json(Entries.Failed("abc")), json: false));
    }

    [Fact]
    public async Task Write_GoodRequest_HasNoCause()
    {
        var text = await RunAsync(HttpStatusCode.OK, Json(Entries.Good("abc")), json: false);
        Assert.Contains("\n200 in 12.0 ms,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cause", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hint", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_Json_IsTheGatewaysOwn()
    {
        var json = Json(Entries.Failed("abc"));
        Assert.Equal(json + "\n", await RunAsync(HttpStatusCode.OK, json, json: true));
    }

    [Fact]
    public void Coloured_Text_IsThePlainOne()
    {
        var answer = System.Text.Json.JsonSerializer.Deserialize(Json(Entries.Failed("abc") with { Path = "/x/[red]" }), Hokusai.Why.WhyJson.Default.WhyAnswer)!;
        Assert.Equal(WhyOutput.Plain(answer), Spectre.Console.Markup.Remove(WhyOutput.Coloured(answer)));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, """{"error_code": "X", "message": "Nothing is known.", "hokusai": {"hint": "Ask another."}}""", "answered 404: Nothing is known. Ask another.")]
    [InlineData(HttpStatusCode.Unauthorized, """{"message": "Bad key."}""", "answered 401: Bad key.")]
    [InlineData(HttpStatusCode.OK, "{}", "answered 200: no reason given")]
    [InlineData(HttpStatusCode.OK, "<html>", "is no gateway: it does not speak JSON")]
    public async Task Write_Refusal_Is1WithTheGatewaysWords(HttpStatusCode status, string body, string words)
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => RunAsync(status, body, json: false));
        Assert.Equal(ExitCodes.Failed, failure.ExitCode);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_NoGateway_Is3()
    {
        using var handler = new Answering(_ => throw new HttpRequestException("refused"));
        using var client = new WhyClient(Url, ApiKey.Mint().Reveal(), handler);
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => WhyCommand.WriteAsync(client, "abc", false, TextWriter.Null, CancellationToken.None));
        Assert.Equal(ExitCodes.Unreachable, failure.ExitCode);
    }

    [Theory]
    [InlineData("gateway:8001", true)]
    [InlineData("http://user:secret@gateway:8001", true)]
    [InlineData(Url, false)]
    public void Client_BadUsage_Is2AndRepeatsNoSecret(string url, bool goodKey)
    {
        using var handler = new Answering(_ => new HttpResponseMessage());
        var failure = Assert.Throws<CommandFailure>(() => new WhyClient(url, goodKey ? ApiKey.Mint().Reveal() : "hk_live_secret", handler));
        Assert.Equal(ExitCodes.Usage, failure.ExitCode);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    private static string Json(JournalEntry entry) => Encoding.UTF8.GetString(TelemetryReply.Json(json => Hokusai.Gateway.Telemetry.Journal.WhyJson.Write(json, entry)).Span);

    private static async Task<string> RunAsync(HttpStatusCode status, string body, bool json)
    {
        using var handler = new Answering(request =>
        {
            Assert.Equal("/hokusai/why/abc", request.RequestUri!.AbsolutePath);
            Assert.Equal("Bearer", request.Headers.Authorization!.Scheme);
            return new HttpResponseMessage(status) { Content = new StringContent(body) };
        });
        using var client = new WhyClient(Url, ApiKey.Mint().Reveal(), handler);
        var output = new StringWriter { NewLine = "\n" };
        await WhyCommand.WriteAsync(client, "abc", json, output, TestContext.Current.CancellationToken);
        return output.ToString();
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
