using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>What happened to a request is told to the key that sent it and to an admin's, by the gateway and by <c>hokusai why</c>.</summary>
public sealed class WhyTests
{
    private const string Search = "/api/2.0/mlflow/experiments/search";

    [Fact(Timeout = Deadlines.Test)]
    public async Task Why_RetriedRequest_TellsEachAttemptToItsKeyAndToAdminsOnly()
    {
        var own = ApiKey.Mint().Reveal();
        var other = ApiKey.Mint().Reveal();
        var admin = ApiKey.Mint().Reveal();
        var tries = 0;
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, _ => Task.FromResult(Interlocked.Increment(ref tries) == 1 ? new TaskAnswer(503, "{}") : new TaskAnswer(200, "{}")));
        await using var hop = await GatewayHop.StartAsync(validate: ValidateAsync, configure: options => options with { Upstream = $"http://{upstream.Address}" });
        using var answer = await hop.Gateway.Client(own).GetAsync(Search, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var id = Assert.Single(answer.Headers.GetValues("X-Request-Id"));
        // The gateway closes a request's books when its answer is out, which the client may see first.
        using var client = hop.Gateway.Client(admin);
        await Until.TrueAsync("the gateway knows the request", TimeSpan.FromSeconds(20), async () =>
        {
            using var told = await client.GetAsync("/hokusai/why/" + id, TestContext.Current.CancellationToken);
            return told.StatusCode == HttpStatusCode.OK;
        });

        foreach (var key in (string[])[own, admin])
        {
            using var told = JsonDocument.Parse(await hop.Gateway.Client(key).GetStringAsync("/hokusai/why/" + id, TestContext.Current.CancellationToken));
            Assert.Equal([(503, null), (200, "failure status")], told.RootElement.GetProperty("attempts").EnumerateArray().Select(Attempt));
            Assert.All(told.RootElement.GetProperty("attempts").EnumerateArray(), attempt => Assert.Equal(upstream.Address.ToString(), attempt.GetProperty("address").GetString()));
            Assert.Equal("closed", told.RootElement.GetProperty("breakers").GetProperty("metadata").GetString());
        }
        using var refused = await hop.Gateway.Client(other).GetAsync("/hokusai/why/" + id, TestContext.Current.CancellationToken);
        Assert.Equal((404, "HKS-WHY-UNKNOWN"), (await ErrorAnswer.ReadAsync(refused)) is var error ? (error.Status, error.Code) : default);

        var (code, output, errors) = await RunAsync(hop.Url, id, own);
        Assert.True(code == 0, errors);
        Assert.Contains($"attempt 1: {upstream.Address} over a new connection", output, StringComparison.Ordinal);
        Assert.Contains("attempt 1 was answered 503", output, StringComparison.Ordinal);
        Assert.Contains("attempt 2 because of failure status", output, StringComparison.Ordinal);
        Assert.Contains("attempt 2 was answered 200", output, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(hop.Url, id, other)).Code);

        Task ValidateAsync(HttpContext http)
        {
            var key = http.Request.Headers.Authorization.ToString();
            if (key.EndsWith(admin, StringComparison.Ordinal)) return GatewayHop.Good("root", "key_admin", Scopes.Admin)(http);
            return key.EndsWith(own, StringComparison.Ordinal) ? GatewayHop.Good("ada", "key_own", Scopes.Read)(http) : GatewayHop.Good("bob", "key_other", Scopes.Read)(http);
        }
    }

    private static (int Status, string? Reason) Attempt(JsonElement attempt) =>
        (attempt.GetProperty("status").GetInt32(), attempt.TryGetProperty("retry_reason", out var reason) ? reason.GetString() : null);

    private static Task<(int Code, string Output, string Errors)> RunAsync(string url, string id, string key) =>
        HokusaiProcess.RunAsync(null, new Dictionary<string, string> { ["HOKUSAI_API_KEY"] = key }, "why", id, "--url", url);
}
