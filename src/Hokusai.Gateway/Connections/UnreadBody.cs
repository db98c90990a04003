using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Gateway.Connections;

/// <summary>
/// What a client that was refused goes on sending. The answer is out already, but a load balancer between the two may hand it on only when
/// it has sent the whole body: it would meet a closed connection, and its client a 502 in place of the 401 or 413 that says what is wrong.
/// </summary>
/// <remarks>The server beneath reads on for 5 s by itself, which is not enough for a model of some gigabytes.</remarks>
internal static class UnreadBody
{
    /// <summary>No byte for so long ends it: who sends nothing waits for nothing.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take in all.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private static readonly object Begun = new();

    /// <summary>Says that a body is about to be read. Who asked first (<c>Expect: 100-continue</c>) is told to go on by that.</summary>
    /// <param name="http">The request.</param>
    public static void Begin(HttpContext http)
    {
        if (http.Request.Headers.Expect.Count > 0) http.Items[Begun] = Begun;
    }

    /// <summary>Ends the answer, then reads the rest of the request's body and throws it away.</summary>
    /// <param name="http">An answered request.</param>
    /// <param name="time">The clock.</param>
    public static async Task DiscardAsync(HttpContext http, TimeProvider time)
    {
        if (http.RequestAborted.IsCancellationRequested || http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }) return;
        // A client that asked first and was refused sends nothing.
        if (http.Request.Headers.Expect.Count > 0 && !http.Items.ContainsKey(Begun)) return;
        using var idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var longest = new CancellationTokenSource(Longest, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, longest.Token, http.RequestAborted);
        LargeBlocks.OfProcess.Begin();
        try
        {
            await http.Response.CompleteAsync();
            var ended = false;
            while (!ended)
            {
                idle.CancelAfter(Idle);
                var read = await http.Request.BodyReader.ReadAsync(stop.Token);
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                ended = read.IsCompleted;
            }
        }
        catch (ConnectionResetException)
        {
            // Said to the server beneath, which would read on from what is gone and log an error.
            http.Abort();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Too slow, gone, broken, or left in the middle of a read: the connection is closed, as it would have been.
        }
        finally
        {
            LargeBlocks.OfProcess.End();
        }
    }
}
