using System.Net.Http.Headers;
using System.Text;

namespace Hokusai.Verify;

/// <summary>Sends requests: one connection pool, a deadline for each, no retries, no redirects, and failures in words.</summary>
internal sealed class VerifyHttp(HttpMessageHandler handler, TimeProvider time, string? key) : IDisposable
{
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause of a transfer in which no byte moves.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    private const int LargestAnswer = 4 * 1024 * 1024;

    private readonly HttpClient _client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The handler used outside of tests. A proxy from the environment would hide which hop fails.</summary>
    public static SocketsHttpHandler Sockets() => new()
    {
        ConnectTimeout = ConnectLimit,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
    };

    public Deadline ForCall(CancellationToken cancellation) => new(CallLimit, time, cancellation);

    public Deadline ForTransfer(CancellationToken cancellation) => new(IdleLimit, time, cancellation);

    /// <summary>How messages name a request.</summary>
    public static string Name(HttpRequestMessage request) => $"{request.Method} {request.RequestUri!.AbsolutePath}";

    /// <summary>Sends a request and hands the answer, of any status, to the reader while the deadline still runs.</summary>
    /// <exception cref="CallFailedException">There was no answer, or it broke off.</exception>
    public async Task<T> SendAsync<T>(HttpRequestMessage request, Deadline deadline, Func<HttpResponseMessage, Task<T>> readAsync)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("hokusai-verify", "1"));
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return await readAsync(response);
        }
        catch (Exception fault) when (NetworkFault.Is(fault) && !deadline.Interrupted)
        {
            var words = NetworkFault.Describe(fault, request.RequestUri!, deadline);
            throw new CallFailedException($"{Name(request)}: {words}", fault) { NoConnection = NetworkFault.NoConnection(fault) };
        }
    }

    /// <summary>The body of a small answer. A wrong URL may answer with anything, so its size is bounded.</summary>
    public static async Task<string> ReadTextAsync(HttpResponseMessage response, Deadline deadline)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(deadline.Token);
        using var text = new MemoryStream();
        var block = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(block, deadline.Token)) > 0 && text.Length < LargestAnswer) text.Write(block, 0, read);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    public void Dispose() => _client.Dispose();
}
