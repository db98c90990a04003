using System.Net;
using Hokusai.Contracts.Routing;
using Hokusai.Edge.Balancing;
using Hokusai.Edge.Forwarding;

namespace Hokusai.Edge.Health;

/// <summary>Asks a target how it is: one GET on a connection of its own.</summary>
/// <remarks>Source: AWS, "Health checks for Application Load Balancer target groups": a new connection for each check, closed after it.</remarks>
internal sealed class HealthProbe(TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        // No connection is used twice: a target that takes no new ones must not look well over an old one.
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = TargetTls.Unchecked,
        PlaintextStreamFilter = TargetConnections.AskOnce,
    });

    /// <summary>Checks a target once.</summary>
    /// <param name="target">Where it listens.</param>
    /// <param name="check">What to ask, and what counts as well.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<CheckOutcome> CheckAsync(TargetAddress target, HealthCheck check, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(check.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var url = new UriBuilder(target.Url);
            if (check.Port is { } port) url.Port = port;
            // Put together as text: read as a reference, a path that begins with two slashes names another machine.
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url.Uri.GetLeftPart(UriPartial.Authority) + check.Path)) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Host = $"{url.Host}:{url.Port}";
            request.Headers.ConnectionClose = true;
            request.Headers.TryAddWithoutValidation("User-Agent", HealthChecks.UserAgent);
            using var response = await _client.SendAsync(request, either.Token);
            return check.Matcher.Matches((int)response.StatusCode) ? CheckOutcome.Good : CheckOutcome.Mismatch((int)response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return limit.IsCancellationRequested ? CheckOutcome.Timeout : CheckOutcome.Failed;
        }
    }

    public void Dispose() => _client.Dispose();
}
