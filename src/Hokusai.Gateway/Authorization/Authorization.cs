using System.Runtime.CompilerServices;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Forwarding.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Gateway.Authorization;

/// <summary>
/// What depends on more than route and scope: messages that could be read in two ways, GraphQL documents, and grants. Keys without grants pass
/// without a look at their bodies.
/// </summary>
internal sealed class Authorization(GatewayOptions options, UpstreamQuestions questions, UpstreamForwarder forwarder, TimeProvider time)
{
    private const string ExperimentHeader = "X-MLflow-Experiment-Id";

    private readonly ResourceNames _names = new(time);
    private readonly FilteredSearch _searches = new(options, questions, time);

    /// <summary>Decides, and forwards what may go on.</summary>
    public ValueTask<(FailurePlace Place, string? Detail)?> ForwardAsync(HttpContext http, Exchange exchange)
    {
        var endpoint = exchange.Endpoint!;
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        {
            if (HasBody(http)) return new((FailurePlace.RequestAmbiguous, "GET and HEAD have no body here: what stands in it, one server would read and the next one not."));
        }
        else if (endpoint.Renames)
        {
            return RenameAsync(http, exchange);
        }
        var limits = AccessRequest.Limits(endpoint, exchange.Key!.Grants);
        return limits == Domains.None && !(endpoint.IsGraph && !Scopes.Allow(exchange.Key.Scopes, Scopes.Write)) ? forwarder.ForwardAsync(http, exchange) : DecideAsync(http, exchange, limits);
    }

    private async ValueTask<(FailurePlace Place, string? Detail)?> RenameAsync(HttpContext http, Exchange exchange)
    {
        _names.Renaming();
        try
        {
            var limits = AccessRequest.Limits(exchange.Endpoint!, exchange.Key!.Grants);
            return await (limits == Domains.None ? forwarder.ForwardAsync(http, exchange) : DecideAsync(http, exchange, limits));
        }
        finally
        {
            _names.Renamed();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(FailurePlace Place, string? Detail)?> DecideAsync(HttpContext http, Exchange exchange, Domains limits)
    {
        var needsBody = exchange.Endpoint!.IsGraph || exchange.Endpoint.Reach is { Search: not null } || exchange.Endpoint.Reach.Fields.Any(field => field.Place is FieldPlace.Message || field.Kind == ResourceKind.LoggedModel);
        try
        {
            if (needsBody && exchange.Endpoint.Body == BodyClass.Metadata) exchange.Body = await RequestBody.KeepAsync(http, options.LargestMetadataBody, options.MetadataIdle, time);
            var body = exchange.Body?.Kept ?? default;
            if (!body.IsEmpty && http.Request.Headers.ContentEncoding.Count > 0) return (FailurePlace.RequestAmbiguous, "The body is encoded; send it plain.");
            if (GraphRefusal(http, exchange, body) is { } scope) return scope;
            if (limits == Domains.None) return await forwarder.ForwardAsync(http, exchange);
            var query = RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).ToString();
            var request = new AccessRequest(exchange.Endpoint, exchange.PathParameters, http.Request.Method, query, body, exchange.Key!, ExperimentHeaders(http));
            var rules = new AccessRules(_names.For((endpoint, target) => questions.AskAsync(endpoint, "GET", target, null, http, exchange)));
            if (await rules.DecideAsync(request) is { } refusal) return refusal;
            return await (exchange.Endpoint.Reach.Search is null ? forwarder.ForwardAsync(http, exchange) : _searches.AnswerAsync(http, exchange, body));
        }
        catch (NoNameException e)
        {
            return (FailurePlace.GrantUnresolved, e.Message);
        }
        catch (AmbiguousRequestException e)
        {
            return (FailurePlace.RequestAmbiguous, KeyRedactor.Redact(e.Message));
        }
        catch (Exception e)
        {
            return UpstreamForwarder.Locate(http, e);
        }
        finally
        {
            exchange.BytesIn = Math.Max(exchange.BytesIn, exchange.Body?.Taken ?? 0);
            exchange.Body?.Dispose();
        }
    }

    // A document that does more than read needs the scope to write, and so does one that can't be found or understood.
    private static (FailurePlace, string?)? GraphRefusal(HttpContext http, Exchange exchange, ReadOnlyMemory<byte> body)
    {
        if (!exchange.Endpoint!.IsGraph || Scopes.Allow(exchange.Key!.Scopes, Scopes.Write)) return null;
        return GraphDocument.OnlyReads(http.Request.Method, RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).ToString(), body)
            ? null
            : (FailurePlace.ScopeMissing, $"{exchange.Endpoint.Label} needs the scope {Scopes.Write} unless its document plainly holds queries only; the key {exchange.Key.KeyId} has {string.Join(", ", exchange.Key.Scopes)}.");
    }

    // WSGI and ASGI servers make one name of dashes and underscores.
    private static List<string> ExperimentHeaders(HttpContext http) =>
        [.. http.Request.Headers.Where(header => header.Key.Replace('_', '-').Equals(ExperimentHeader, StringComparison.OrdinalIgnoreCase)).SelectMany(header => header.Value).Select(value => value ?? "")];

    private static bool HasBody(HttpContext http) => http.Request.ContentLength is > 0 || (http.Request.ContentLength is null && http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true });
}
