using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Admission;

/// <summary>What happens to the channel that pushes changes of keys.</summary>
internal enum Cut
{
    None,

    /// <summary>What has no answer at once never gets one, and nobody says so: a middlebox forgot the connection.</summary>
    Silent,

    /// <summary>What has no answer at once is reset.</summary>
    Reset,

    /// <summary>No question about changes is answered, all others are.</summary>
    NoChanges,
}

/// <summary>Stands between gateways and auth service, and cuts the push channel.</summary>
internal sealed class CutRelay : IAsyncDisposable
{
    // What answers without waiting has long answered then, also on a busy machine.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(300);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly string _target;
    private CancellationTokenSource _turned = new();
    private ScriptedServer? _server;
    private Cut _cut;
    private int _held;

    private CutRelay(string target) => _target = target;

    public string Url => _server!.Url;

    /// <summary>Long polls that wait for a change.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>How it is cut; what is under way is cut too.</summary>
    public Cut Cut
    {
        get => _cut;
        set
        {
            _cut = value;
            Interlocked.Exchange(ref _turned, new CancellationTokenSource()).Cancel();
        }
    }

    public static async Task<CutRelay> StartAsync(string target)
    {
        var relay = new CutRelay(target);
        relay._server = await ScriptedServer.StartAsync(relay.RelayAsync, static _ => false);
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _turned.Dispose();
        _client.Dispose();
    }

    private async Task RelayAsync(HttpContext http)
    {
        var isChanges = http.Request.Path == "/api/v1/keys/changes";
        var turn = _turned.Token;
        if (isChanges && Cut == Cut.NoChanges)
        {
            await SilentAsync(http, turn);
            return;
        }
        var isPush = isChanges && http.Request.Query["after"] != "-1";
        if (isPush) Interlocked.Increment(ref _held);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        if (isChanges && Cut != Cut.None) limit.CancelAfter(AtOnce);
        await using var turned = isChanges ? turn.Register(limit.Cancel) : default;
        try
        {
            await ForwardAsync(http, limit.Token);
        }
        catch (OperationCanceledException)
        {
            if (Cut is Cut.None or Cut.Reset) http.Abort();
            else await SilentAsync(http, _turned.Token);
        }
        finally
        {
            if (isPush) Interlocked.Decrement(ref _held);
        }
    }

    // Until the cut is another one: else what was cut silently would stay so for a long poll's length.
    private static async Task SilentAsync(HttpContext http, CancellationToken turned)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var gone = http.RequestAborted.Register(() => over.TrySetResult());
        await using var turn = turned.Register(() => over.TrySetResult());
        await over.Task;
        http.Abort();
    }

    private async Task ForwardAsync(HttpContext http, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, cancellation);
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(_target + http.Request.Path + http.Request.QueryString)) { Content = new ByteArrayContent(body.ToArray()) };
        foreach (var (name, values) in http.Request.Headers)
        {
            if (name is "Authorization") request.Headers.TryAddWithoutValidation(name, (string?)values);
        }
        using var answer = await _client.SendAsync(request, cancellation);
        await ScriptedServer.WriteAsync(http, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation));
    }
}
