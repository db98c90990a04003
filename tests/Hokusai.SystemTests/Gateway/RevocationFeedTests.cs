using System.Diagnostics;
using System.Net;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>How the gateway follows the auth service's list of changed keys.</summary>
public sealed class RevocationFeedTests
{
    private static readonly Uri Search = new("/api/2.0/mlflow/experiments/search", UriKind.Relative);

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(500, "application/json", "{}")]
    [InlineData(200, "text/html", "<html></html>")]
    [InlineData(200, "application/json; charset=martian", """{"revision":1,"key_ids":[]}""")]
    [InlineData(200, "application/json", "null")]
    public async Task Follow_OddAnswerOfTheList_TriesAgainUntilItFits(int status, string type, string body)
    {
        var asked = 0;
        var revoked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(
            validate: http => revoked.Task.IsCompleted ? ScriptedServer.WriteAsync(http, 401, """{"error_code":"KEY_REVOKED","message":"?"}""") : GatewayHop.Good()(http),
            changes: async http =>
            {
                if (Interlocked.Increment(ref asked) <= 2)
                {
                    await ScriptedServer.WriteAsync(http, status, body, type);
                    return;
                }
                if (http.Request.Query["after"] == "4") await ScriptedServer.Silence()(http);
                if (http.Request.Query["after"] == "3") await revoked.Task;
                await ScriptedServer.WriteAsync(http, 200, http.Request.Query["after"] == "3" ? """{"revision":4,"key_ids":["key_1"]}""" : """{"revision":3,"key_ids":[]}""");
            });
        var client = hop.Client();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));

        revoked.SetResult();

        await Until.TrueAsync("the change was heard of", TimeSpan.FromSeconds(20), async () => await StatusAsync(client) == HttpStatusCode.Unauthorized);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Follow_ListThatNeverWaits_IsNotAskedInACircle()
    {
        var sixth = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = 0;
        var since = Stopwatch.StartNew();
        await using var hop = await GatewayHop.StartAsync(changes: http =>
        {
            if (Interlocked.Increment(ref asked) == 6) sixth.SetResult();
            return ScriptedServer.WriteAsync(http, 200, """{"revision":1,"key_ids":[]}""");
        });

        await sixth.Task.InTime();

        Assert.True(since.Elapsed > TimeSpan.FromSeconds(1), $"asked six times within {since.Elapsed.TotalSeconds:0.00} s");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Search, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
