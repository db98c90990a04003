using System.IO.Pipelines;
using Hokusai.SystemTests.Fixtures;
using Hokusai.Tracking;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.SystemTests.Tracking;

public sealed class TrackingServerTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Dispose_TwiceWhileAnUploadRuns_StillLetsItEnd()
    {
        using var folder = new TemporaryFolder();
        // Its clock stands still, so that only the upload's end can end the wait.
        var server = await TrackingServer.OpenAsync(
            new TrackingOptions { BackendStoreUri = "sqlite:///" + folder.PathOf("tracking.db"), ArtifactsDestination = folder.PathOf("artifacts") }, new FakeTimeProvider(), NullLoggerFactory.Instance);
        var body = new Pipe();
        var http = new DefaultHttpContext();
        http.Features.Get<IHttpRequestFeature>()!.RawTarget = Calls.Artifacts + "/0/a.txt";
        (http.Request.Method, http.Request.Host, http.Request.ContentLength, http.Request.Body) = ("PUT", new HostString("127.0.0.1"), 4, body.Reader.AsStream());
        var upload = server.HandleAsync(http);

        var stopping = server.DisposeAsync().AsTask();
        await server.DisposeAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => stopping.WaitAsync(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken));
        await body.Writer.WriteAsync("text"u8.ToArray(), TestContext.Current.CancellationToken);
        await body.Writer.CompleteAsync();
        await Task.WhenAll(upload, stopping).InTime();
        Assert.Equal((200, "text"), (http.Response.StatusCode, await File.ReadAllTextAsync(folder.PathOf("artifacts", "0", "a.txt"), TestContext.Current.CancellationToken)));
    }
}
