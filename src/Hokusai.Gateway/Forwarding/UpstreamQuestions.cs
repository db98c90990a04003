using Hokusai.Contracts;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Resilience;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Forwarding;

/// <summary>Questions that the gateway itself asks MLflow on behalf of a request: over the same connections, with the same retries, breakers and deadlines.</summary>
internal sealed class UpstreamQuestions(GatewayOptions options, RetryingSender sender, TimeProvider time)
{
    // What MLflow needs of the client's to answer as it would answer the client. The credential goes only where the setting says so.
    private static readonly string[] Kept = ["Authorization", HokusaiHeaders.ApiKey, "X-MLFLOW-WORKSPACE", "User-Agent"];

    private readonly RequestWriter _writer = new(options, new Uri(options.Upstream));

    /// <summary>Asks and reads the whole answer.</summary>
    /// <param name="endpoint">The endpoint; it only reads.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="client">The request that needs the answer.</param>
    /// <param name="asker">What is known of that request.</param>
    /// <exception cref="UpstreamFailure">No answer came.</exception>
    public async Task<WholeAnswer> AskAsync(MlflowEndpoint endpoint, string method, string target, byte[]? body, HttpContext client, Exchange asker)
    {
        var http = new DefaultHttpContext { RequestAborted = client.RequestAborted };
        http.Request.Method = method;
        foreach (var name in Kept)
        {
            if (client.Request.Headers.TryGetValue(name, out var value)) http.Request.Headers[name] = value;
        }
        if (body is not null) http.Request.ContentType = "application/json";
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var exchange = new Exchange { Path = mark < 0 ? target : target[..mark], Endpoint = endpoint, Key = asker.Key, At = asker.At, Started = asker.Started, Span = asker.Span };
        var began = time.GetTimestamp();
        using var head = new PooledBuffer(1024);
        _writer.Write(head, http.Request, exchange, mark < 0 ? "" : target[mark..], body?.Length);
        if (body is not null) System.Buffers.BuffersExtensions.Write(head, body);
        try
        {
            var begun = await sender.SendAsync(new Sending(http, exchange, RequestBody.None, head.Written, options.MetadataIdle, new Deadline(options.Resilience.Deadlines, time), BoundToClient: true));
            return await WholeAnswer.ReadAsync(begun);
        }
        finally
        {
            asker.UpstreamTook += time.GetElapsedTime(began);
            asker.Upstream = options.Upstream;
            foreach (var attempt in exchange.Attempts) asker.Add(attempt);
        }
    }
}
