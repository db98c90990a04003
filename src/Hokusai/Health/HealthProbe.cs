using System.Globalization;
using System.Net;
using Hokusai.Contracts.Keys;

namespace Hokusai.Health;

/// <summary>One question to one address, and whether the right status came back in time.</summary>
internal sealed class HealthProbe(Uri address, HttpStatusCode expected, TimeSpan deadline, HttpMessageHandler handler, TimeProvider time)
{
    private const double ShortestDeadline = 0.1;
    private const double LongestDeadline = 60;

    /// <summary>The handler used outside of tests. Neither a proxy nor a redirect may answer in place of the process that is asked.</summary>
    public static HttpMessageHandler Sockets() => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false };

    /// <summary>The address that a user wrote.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static Uri AddressFrom(string url) =>
        // No https: a role speaks http, and whoever asks from within its container has no certificate to judge.
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == "http" && address.UserInfo.Length == 0 && address.Query.Length == 0
            ? address
            : throw CommandFailure.Usage($"URL '{KeyRedactor.Redact(url)}': write it as http://HOST:PORT/PATH, without credentials and query");

    /// <summary>The status that a user wrote.</summary>
    /// <exception cref="CommandFailure">There is none such.</exception>
    public static HttpStatusCode StatusFrom(int status) => status is >= 200 and <= 599 ? (HttpStatusCode)status : throw CommandFailure.Usage($"--status {status}: must be 200 to 599");

    /// <summary>The deadline that a user wrote, in seconds.</summary>
    /// <exception cref="CommandFailure">It is out of range.</exception>
    public static TimeSpan DeadlineFrom(double seconds) => seconds is >= ShortestDeadline and <= LongestDeadline
        ? TimeSpan.FromSeconds(seconds)
        : throw CommandFailure.Usage(string.Create(CultureInfo.InvariantCulture, $"--timeout {seconds}: must be {ShortestDeadline} to {LongestDeadline} seconds"));

    /// <summary>Asks. The body is not waited for: the status says it all.</summary>
    /// <returns>A line that says what was answered.</returns>
    /// <exception cref="CommandFailure">The answer had another status, or did not come.</exception>
    public async Task<string> AskAsync(CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        using var late = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var line = string.Create(CultureInfo.InvariantCulture, $"{address} answered {(int)answer.StatusCode} after {time.GetElapsedTime(begun).TotalMilliseconds:0} ms");
            return answer.StatusCode == expected ? line : throw new CommandFailure(ExitCodes.Failed, line);
        }
        catch (HttpRequestException e)
        {
            throw CommandFailure.Unreachable($"{address} can't be reached: {e.Message}");
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw CommandFailure.Unreachable(string.Create(CultureInfo.InvariantCulture, $"{address} did not answer within {deadline.TotalSeconds} s"));
        }
    }
}
