using System.Net;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>How large a body may be.</summary>
public sealed class BodyLimitTests
{
    private const int Limit = 16 * 1024 * 1024;
    private const string Metadata = "/api/mlflow/api/2.0/mlflow/runs/log-batch";
    private const string Artifact = "/api/mlflow/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model.bin";

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limit_MetadataBodyAbove16MiB_Is413WithoutRetryAfter(bool announced)
    {
        await using var hop = await GatewayHop.StartAsync();

        using var answer = await SendAsync(hop, HttpMethod.Post, Metadata, Limit + 1, announced);

        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((413, "BAD_REQUEST", "HKS-SIZE"), (error.Status, error.ErrorCode, error.Code));
        Assert.Null(answer.Headers.RetryAfter);
        if (announced) Assert.Empty(hop.Upstream.Requests);
        else Assert.DoesNotContain(hop.Upstream.Requests, r => r.Body is not null);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limit_MetadataBodyUpTo16MiB_Passes(bool announced)
    {
        await using var hop = await GatewayHop.StartAsync();
        // The sizes between chunks count too.
        var size = announced ? Limit : Limit - 65_536;

        using var answer = await SendAsync(hop, HttpMethod.Post, Metadata, size, announced);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(size, hop.Upstream.Only.Body!.Length);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limit_ArtifactAbove16MiB_Passes(bool announced)
    {
        await using var hop = await GatewayHop.StartAsync();

        using var answer = await SendAsync(hop, HttpMethod.Put, Artifact, Limit * 2, announced);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Limit * 2, hop.Upstream.Only.Body!.Length);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Limit_ConfiguredSmaller_IsNamedAsItIs()
    {
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { LargestMetadataBody = 2048 });

        using var answer = await SendAsync(hop, HttpMethod.Post, Metadata, 4096, announced: false);

        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal(413, error.Status);
        Assert.Contains("2048", error.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayHop hop, HttpMethod method, string path, int size, bool announced)
    {
        using var content = new ByteArrayContent(new byte[size]);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.TransferEncodingChunked = !announced;
        // The answer may come before the body is through: without waiting for it, the client would still be sending.
        request.Headers.ExpectContinue = true;
        return await hop.Client().SendAsync(request, TestContext.Current.CancellationToken);
    }
}
