using System.Collections.Concurrent;
using System.Text;
using Hokusai.Serve;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>An HTTP server on a free port whose answers are a delegate, and which keeps what it was sent.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly RequestDelegate? _answer;
    private readonly Func<HttpContext, bool> _keeps;
    private RoleHost? _host;

    private ScriptedServer(RequestDelegate? answer, Func<HttpContext, bool>? keeps) => (_answer, _keeps) = (answer, keeps ?? (static _ => true));

    public string Url => _host!.Url;

    public IReadOnlyCollection<ReceivedRequest> Requests => _requests;

    /// <summary>The one request that came.</summary>
    public ReceivedRequest Only => Assert.Single(_requests);

    /// <summary>Starts a server.</summary>
    /// <param name="answer">Its answers; without it, it reads each body and answers <c>{}</c>.</param>
    /// <param name="keeps">Which requests it keeps; without it, all.</param>
    public static async Task<ScriptedServer> StartAsync(RequestDelegate? answer = null, Func<HttpContext, bool>? keeps = null)
    {
        var server = new ScriptedServer(answer, keeps);
        server._host = await RoleHost.StartAsync(ListenAddress.Loopback(0), server.HandleAsync, NullLoggerFactory.Instance, new Hosting(), Drain, TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>An answer with a body.</summary>
    public static RequestDelegate Answer(int status, string body, string type = "application/json") => http => WriteAsync(http, status, body, type);

    public static async Task WriteAsync(HttpContext http, int status, string body, string type = "application/json")
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>Never answers; completes the source when the other side went away.</summary>
    public static RequestDelegate Silence(TaskCompletionSource? gone = null) => async http =>
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = http.RequestAborted.Register(() => aborted.TrySetResult());
        await aborted.Task;
        gone?.TrySetResult();
    };

    public async ValueTask DisposeAsync() => await _host!.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        var request = ReceivedRequest.Of(http);
        if (_keeps(http)) _requests.Enqueue(request);
        if (_answer is not null)
        {
            await _answer(http);
            return;
        }
        await request.ReadBodyAsync(http);
        await WriteAsync(http, StatusCodes.Status200OK, "{}");
    }
}
