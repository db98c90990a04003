using System.Text.Json;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Admission;

/// <summary>What a gateway says at its start of an auth service that it was not put together with rightly, and what a load balancer sees.</summary>
public sealed class AuthSetupCheckTests
{
    [Theory(Timeout = Deadlines.Test)]
    [InlineData(422, "application/json", """{"error_code":"SERVICE_UNKNOWN","message":"?"}""", "unknown service id (422)", "hokusai-gateway")]
    [InlineData(400, "application/json", """{"error":"api_key is missing"}""", "does not look for the key in the header (400)", "Authorization: Bearer")]
    [InlineData(404, "text/html", "<html>", "wrong URL (404)", "authService")]
    [InlineData(302, "text/html", "moved", "redirects (302)", "authService")]
    public async Task Start_ClassicMistake_IsNamedInTheLogAndByReadiness(int status, string type, string body, string state, string remedy)
    {
        await using var hop = await GatewayHop.StartAsync(probe: ScriptedServer.Answer(status, body, type));

        var (answered, ready) = await ReadyAsync(hop);

        Assert.Equal((503, false, state), (answered, ready.GetProperty("ready").GetBoolean(), ready.GetProperty("auth").GetString()));
        Assert.Contains(remedy, ready.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        await hop.Gateway.Logs.OneAsync(e => e.StartsWith("Error", StringComparison.Ordinal) && e.Contains("AuthServiceMisfits", StringComparison.Ordinal) && e.Contains(state, StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Ready_AuthServiceGoesLater_StaysSoThatKnownKeysAreServed()
    {
        var away = true;
        RequestDelegate answer = ScriptedServer.Answer(401, """{"error_code":"KEY_UNKNOWN","message":"?"}""");
        await using var hop = await GatewayHop.StartAsync(probe: http => away ? ScriptedServer.WriteAsync(http, 500, "") : answer(http));
        Assert.Equal(503, (await ReadyAsync(hop)).Status);

        away = false;
        var good = "";
        await Until.TrueAsync("ready", TimeSpan.FromSeconds(20), async () =>
        {
            var (status, ready) = await ReadyAsync(hop);
            good = ready.GetProperty("auth").GetString()!;
            return status == 200;
        });
        away = true;

        // The upstream, which is asked too, may once be slower than a deadline of its own.
        for (var i = 0; i < 3; i++) Assert.Equal(good, (await ReadyAsync(hop)).Body.GetProperty("auth").GetString());
        await Until.TrueAsync("still ready", TimeSpan.FromSeconds(20), async () => (await ReadyAsync(hop)).Status == 200);
    }

    private static async Task<(int Status, JsonElement Body)> ReadyAsync(GatewayHop hop)
    {
        using var answer = await hop.Gateway.Client().GetAsync("/hokusai/ready", TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement);
    }
}
