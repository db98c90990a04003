namespace Hokusai.SystemTests.Fixtures;

public sealed class GatewayHopTests
{
    // They come every few seconds: a test that counts what reached the upstream must not depend on how long it took.
    [Fact(Timeout = Deadlines.Test)]
    public async Task Requests_OfTheGatewaysOwnHealthChecks_AreNeitherKeptNorScripted()
    {
        var scripted = 0;
        await using var hop = await GatewayHop.StartAsync(http =>
        {
            Interlocked.Increment(ref scripted);
            return ScriptedServer.WriteAsync(http, 503, "busy");
        });
        var client = hop.Client();

        // Asks the upstream for its health before it answers.
        await Until.TrueAsync("ready", TimeSpan.FromSeconds(20), async () =>
        {
            using var ready = await client.GetAsync("/hokusai/ready", TestContext.Current.CancellationToken);
            return ready.IsSuccessStatusCode;
        });
        using var asked = await client.GetAsync("/api/mlflow/health", TestContext.Current.CancellationToken);

        Assert.All(hop.Upstream.Requests, request => Assert.Equal("ada", request.Header("X-Hokusai-User-Id")));
        Assert.Equal(hop.Upstream.Requests.Count, scripted);
        Assert.NotEqual(0, scripted);
    }
}
