using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hokusai.Gateway.Discovery;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>What the client sees when MLflow fails, on real sockets.</summary>
public sealed class UpstreamFailureTests
{
    private static readonly Uri Search = new("/api/mlflow/api/2.0/mlflow/experiments/search", UriKind.Relative);
    private static readonly DiscoveryOptions Patient = new() { FirstDeadline = TimeSpan.FromSeconds(20) };

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_RefusedConnection_Is502()
    {
        using var taken = RawServer.Refusing(out var nobody);

        await ExpectAsync(nobody, 502, "BAD_GATEWAY", "HKS-UP-CONNECT", "connection_refused", "1");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ConnectionNobodyAccepts_Is502AfterTheConnectDeadline()
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        // Its queue takes one. Once it is full, the system answers no further connection.
        using var first = await RawClient.ConnectAsync($"http://{deaf.LocalEndPoint}");

        await ExpectAsync($"http://{deaf.LocalEndPoint}", 502, "BAD_GATEWAY", "HKS-UP-CONNECT", "connection_refused", "1", TimeSpan.FromMilliseconds(500));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_ResetBeforeTheAnswer_Is502()
    {
        await using var upstream = RawServer.Resetting();

        var error = await ExpectAsync(upstream.Url, 502, "BAD_GATEWAY", "HKS-UP-RESET", "connection_terminated", "1");

        Assert.Contains("A write may have happened", error.Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task Forward_ClosedBeforeTheAnswer_Is502(string begun)
    {
        await using var upstream = RawServer.Saying(begun);

        await ExpectAsync(upstream.Url, 502, "BAD_GATEWAY", "HKS-UP-RESET", "connection_terminated", "1");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("HTTP/1.1 two-hundred OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task Forward_Garbage_Is502(string garbage)
    {
        await using var upstream = RawServer.Saying(garbage);

        await ExpectAsync(upstream.Url, 502, "BAD_GATEWAY", "HKS-UP-MALFORMED", "http_protocol_error", "2");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_Silence_Is504AndTheUpstreamsRequestIsAborted()
    {
        var (asked, gone) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var time = new HeldTime(TimeProvider.System.GetUtcNow());
        await using var hop = await GatewayHop.StartAsync(
            http =>
            {
                asked.TrySetResult();
                return ScriptedServer.Silence(gone)(http);
            },
            time: time);

        var answers = hop.Client().GetAsync(Search, TestContext.Current.CancellationToken);
        await asked.Task.InTime();
        Assert.False(answers.IsCompleted);
        // More than what all attempts together may take.
        await time.AdvanceUntilAsync(answers, TimeSpan.FromSeconds(31));
        using var answer = await answers;

        var error = await ExpectAsync(answer, 504, "DEADLINE_EXCEEDED", "HKS-SLOW", "http_response_timeout", "2");
        Assert.Contains("A write may have happened", error.Message, StringComparison.Ordinal);
        await gone.Task.InTime();
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Metrics_UnknownName_CountFailedDnsQuestions()
    {
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = "http://mlflow.invalid:5000", Discovery = Patient });
        using var client = hop.Client();
        using var answer = await client.GetAsync(Search, TestContext.Current.CancellationToken);

        await Until.TrueAsync("it is counted", TimeSpan.FromSeconds(20), async () =>
            (await client.GetStringAsync("/hokusai/metrics", TestContext.Current.CancellationToken)).Contains("hokusai_gateway_dns_failures_total{kind=", StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_UnknownName_Is501() =>
        await ExpectAsync("http://mlflow.invalid:5000", 501, "NOT_IMPLEMENTED", "HKS-CONF-NAME", "dns_error", null);

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_CertificateNotTrusted_Is501()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var upstream = RawServer.Start(async socket =>
        {
            await using var tls = new SslStream(new NetworkStream(socket));
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
                await tls.ReadExactlyAsync(new byte[1]);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The gateway hangs up on it.
            }
        });

        await ExpectAsync(upstream.Url.Replace("http:", "https:", StringComparison.Ordinal), 501, "NOT_IMPLEMENTED", "HKS-CONF-TLS", "tls_certificate_error", null);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"half\":")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"half\":\r\n")]
    public async Task Forward_UpstreamBreaksOffInMidBody_IsABrokenConnectionAndNoWholeAnswer(string half)
    {
        await using var upstream = RawServer.Saying(half);
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = upstream.Url });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hop.Client().GetStringAsync(Search, TestContext.Current.CancellationToken));
        var raw = await RawClient.SendAsync(hop.Url, $"GET {Search} HTTP/1.1", "Authorization: Bearer " + hop.Key);

        Assert.DoesNotContain("\r\n0\r\n", raw.Body, StringComparison.Ordinal);
        await hop.Gateway.StopAsync();
        await hop.Gateway.Logs.HasAsync(2, "failed at UpstreamReset");
    }

    // A deadline that is not what the test is about is long: a machine that stands still for a moment would turn one fault into another.
    private static async Task<ErrorAnswer> ExpectAsync(string upstream, int status, string errorCode, string code, string proxyStatus, string? retryAfter, TimeSpan? connect = null)
    {
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Upstream = upstream, Discovery = Patient, Pool = o.Pool with { ConnectDeadline = connect ?? TimeSpan.FromSeconds(14) } });
        if (connect is not null) await hop.LearnKeyAsync();

        using var answer = await hop.Client().GetAsync(Search, TestContext.Current.CancellationToken);

        return await ExpectAsync(answer, status, errorCode, code, proxyStatus, retryAfter);
    }

    private static async Task<ErrorAnswer> ExpectAsync(HttpResponseMessage answer, int status, string errorCode, string code, string proxyStatus, string? retryAfter)
    {
        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((status, errorCode, code), (error.Status, error.ErrorCode, error.Code));
        Assert.Equal($"hokusai-gateway; error={proxyStatus}", Assert.Single(answer.Headers.GetValues("Proxy-Status")));
        Assert.Equal(retryAfter, answer.Headers.RetryAfter?.ToString());
        return error;
    }
}
