using System.Net;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Auth services of any make: odd, slow and away.</summary>
public sealed class AuthServiceTests
{
    private static readonly Uri Search = new("/api/2.0/mlflow/experiments/search", UriKind.Relative);

    public static TheoryData<int, string, string, int, string> Answers { get; } = new()
    {
        { 200, "text/html", "<html>Please log in</html>", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", "[]", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", "", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", "null", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", "\"ok\"", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", "{}", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":null}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":"admin"}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":["admin"],"valid":false}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":["admin"]""", 503, "HKS-AUTHDOWN" },
        { 204, "application/json", "", 503, "HKS-AUTHDOWN" },
        { 302, "text/html", "moved", 503, "HKS-AUTHDOWN" },
        { 400, "application/json", "{}", 503, "HKS-AUTHDOWN" },
        { 401, "text/html", "<h1>401</h1>", 503, "HKS-AUTHDOWN" },
        { 401, "application/json", "{}", 503, "HKS-AUTHDOWN" },
        { 401, "application/json", """{"error_code":"SOMETHING_ELSE","message":"?"}""", 503, "HKS-AUTHDOWN" },
        { 403, "application/json", """{"error_code":"KEY_UNKNOWN","message":"?"}""", 503, "HKS-AUTHDOWN" },
        { 404, "application/json", "{}", 503, "HKS-AUTHDOWN" },
        { 429, "application/json", "{}", 503, "HKS-AUTHDOWN" },
        { 500, "text/plain", "oops", 503, "HKS-AUTHDOWN" },
        { 422, "application/json", "{}", 503, "HKS-AUTHDOWN" },
        { 422, "application/json", """{"error_code":"SERVICE_UNKNOWN","message":"?"}""", 501, "HKS-CONF-SERVICE" },
        { 401, "application/json", """{"error_code":"KEY_UNKNOWN","message":"?"}""", 401, "HKS-AUTH-UNKNOWN" },
        { 401, "application/json", """{"error_code":"KEY_EXPIRED","message":"?"}""", 401, "HKS-AUTH-EXPIRED" },
        { 401, "application/json", """{"error_code":"KEY_REVOKED","message":"?"}""", 401, "HKS-AUTH-REVOKED" },
        { 401, "application/json", """{"error_code":"KEY_DISABLED"}""", 401, "HKS-AUTH-DISABLED" },
    };

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Answers))]
    public async Task Validate_AnswerOfTheAuthService_IsMappedAsTheContractSays(int status, string type, string body, int expected, string code)
    {
        await using var hop = await GatewayHop.StartAsync(validate: http =>
        {
            if (status != 204) return ScriptedServer.WriteAsync(http, status, body, type);
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        await ExpectAsync(hop, expected, code);

        Assert.Equal(1, hop.Validations);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_SilentAuthService_IsUnavailableAfterTheDeadline()
    {
        await using var hop = await GatewayHop.StartAsync(validate: ScriptedServer.Silence(), configure: o => o with { AuthDeadline = TimeSpan.FromMilliseconds(200) });

        var error = await ExpectAsync(hop, 503, "HKS-AUTHDOWN");

        Assert.Contains("No answer within 0.2 s", error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_RefusedConnection_IsUnavailable()
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { AuthService = nobody });

        await ExpectAsync(hop, 503, "HKS-AUTHDOWN");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_AnswerThatNeverEnds_IsUnavailable()
    {
        await using var hop = await GatewayHop.StartAsync(validate: ScriptedServer.Answer(200, new string(' ', 1 << 20)));

        await ExpectAsync(hop, 503, "HKS-AUTHDOWN");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_ManyFirstRequestsAtOnce_AskOnceAndRemember()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(validate: async http =>
        {
            asked.TrySetResult();
            await release.Task;
            await GatewayHop.Good()(http);
        });
        var client = hop.Client();

        var all = Enumerable.Range(0, 100).Select(_ => client.GetAsync(Search, TestContext.Current.CancellationToken)).ToList();
        await asked.Task.InTime();
        release.SetResult();
        foreach (var answer in await Task.WhenAll(all).InTime())
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }
        using var later = await client.GetAsync(Search, TestContext.Current.CancellationToken);

        Assert.Equal(1, hop.Validations);
        Assert.Equal(101, hop.Upstream.Requests.Count);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_AuthServiceGone_KnownKeyGoesOnForABoundedTimeAndAnUnseenOneDoesNot()
    {
        var away = false;
        var time = new ShiftedTime();
        await using var hop = await GatewayHop.StartAsync(validate: http => away ? ScriptedServer.WriteAsync(http, 500, "") : GatewayHop.Good()(http), time: time);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hop.Client()));
        away = true;

        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hop.Client()));
        Assert.Equal(2, hop.Validations);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(hop.Gateway.Client(ApiKey.Mint().Reveal())));

        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(hop.Client()));
        Assert.Equal(2, hop.Upstream.Requests.Count);
        Assert.Contains("StaleVerdict", hop.Gateway.Logs.Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_RefusedKey_IsRememberedForSecondsOnly()
    {
        var time = new ShiftedTime();
        await using var hop = await GatewayHop.StartAsync(validate: ScriptedServer.Answer(401, """{"error_code":"KEY_UNKNOWN","message":"?"}"""), time: time);

        await ExpectAsync(hop, 401, "HKS-AUTH-UNKNOWN");
        await ExpectAsync(hop, 401, "HKS-AUTH-UNKNOWN");
        Assert.Equal(1, hop.Validations);

        time.Advance(TimeSpan.FromSeconds(6));
        await ExpectAsync(hop, 401, "HKS-AUTH-UNKNOWN");
        Assert.Equal(2, hop.Validations);
    }

    private static async Task<ErrorAnswer> ExpectAsync(GatewayHop hop, int status, string code)
    {
        using var answer = await hop.Client().GetAsync(Search, TestContext.Current.CancellationToken);
        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((status, code), (error.Status, error.Code));
        Assert.Equal(status == 503 ? "2" : null, answer.Headers.RetryAfter?.ToString());
        Assert.Empty(hop.Upstream.Requests);
        return error;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Search, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
