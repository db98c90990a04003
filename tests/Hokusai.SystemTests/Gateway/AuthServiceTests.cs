using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
        { 200, "application/json", """{"user_id":1,"key_id":"k","scopes":["admin"]}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":2,"scopes":["admin"]}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":["admin",null]}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":["admin"],"expires_at":"soon"}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":["admin"],"rate_limit_per_hour":"many"}""", 503, "HKS-AUTHDOWN" },
        { 200, "application/json", """{"user_id":"a","key_id":"k","scopes":["admin"],"allowed_networks":["office"]}""", 503, "HKS-AUTHDOWN" },
        { 200, "text/plain", "OK", 503, "HKS-AUTHDOWN" },
        { 307, "text/html", "moved", 503, "HKS-AUTHDOWN" },
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
    public async Task Validate_CompressedAnswer_IsUnavailable()
    {
        await using var hop = await GatewayHop.StartAsync(validate: async http =>
        {
            http.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync("""{"user_id":"a","key_id":"k","scopes":["admin"]}"""u8.ToArray());
        });

        await ExpectAsync(hop, 503, "HKS-AUTHDOWN");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"user_id\":\"a\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"us")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("")]
    public async Task Validate_AnswerThatBreaksOff_IsUnavailable(string answer)
    {
        await using var auth = RawServer.Saying(answer);
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { AuthService = auth.Url, AuthDeadline = TimeSpan.FromSeconds(1) });

        await ExpectAsync(hop, 503, "HKS-AUTHDOWN");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_CertificateOfNobody_IsUnavailableAndNamed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var auth = RawServer.Start(async socket =>
        {
            await using var tls = new SslStream(new NetworkStream(socket));
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
                await tls.ReadExactlyAsync(new byte[1]);
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                // The gateway hangs up on it.
            }
        });
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { AuthService = auth.Url.Replace("http:", "https:", StringComparison.Ordinal) });

        var error = await ExpectAsync(hop, 503, "HKS-AUTHDOWN");

        Assert.Contains("TLS certificate is not trusted", error.Message, StringComparison.Ordinal);
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
        // Whose key was good waits for the auth service a moment only, and not for its getting the question.
        await Until.TrueAsync("it was asked again", TimeSpan.FromSeconds(20), () => hop.Validations == 2);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(hop.Gateway.Client(ApiKey.Mint().Reveal())));

        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(hop.Client()));
        Assert.Equal(2, hop.Upstream.Requests.Count);
        await hop.Gateway.Logs.HasAsync("StaleVerdict");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Validate_RefusedKey_IsRememberedForSecondsOnly()
    {
        var time = new HeldTime(TimeProvider.System.GetUtcNow());
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
