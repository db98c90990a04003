using System.Net;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Authorization;

/// <summary>Asks MLflow by GET.</summary>
/// <param name="target">Path and query.</param>
/// <returns>Status and body of the answer.</returns>
public delegate Task<(int Status, byte[] Body)> AskByGet(string target);

/// <summary>Why a request would be let through or refused, rule by rule, by the gateway's own rules.</summary>
/// <param name="Allowed">Whether it would be let through.</param>
/// <param name="Code">The code of the refusal, as in docs/errors.md.</param>
/// <param name="Rules">The rules that were asked, in order; the last one decided.</param>
public sealed record AccessExplanation(bool Allowed, string? Code, IReadOnlyList<AccessRule> Rules)
{
    /// <summary>Explains a request.</summary>
    /// <param name="key">The key that would send it.</param>
    /// <param name="method">Its method.</param>
    /// <param name="target">Its path and query, with or without the gateway's prefix.</param>
    /// <param name="body">Its body; empty for none.</param>
    /// <param name="from">Where it would come from; null for anywhere.</param>
    /// <param name="ask">Asks for what is behind ids.</param>
    public static async Task<AccessExplanation> OfAsync(ValidatedKey key, string method, string target, ReadOnlyMemory<byte> body, IPAddress? from, AskByGet ask)
    {
        var trace = new AccessTrace();
        var path = GatewayPath.Cut(RawTarget.PathOf(target)).ToString();
        var query = RawTarget.QueryOf(target).ToString();
        var endpoint = RouteCatalogue.Build().Find(method, path, out var parameters, out var allowed);
        if (endpoint is null)
        {
            trace.Add("route", false, allowed is null ? $"{path} is not in the catalogue" : $"{path} takes {allowed}, not {method}");
            return Refused(allowed is null ? FailurePlace.EndpointUnknown : FailurePlace.MethodUnknown, trace);
        }
        trace.Add("route", true, $"{endpoint.Label}; touches: {endpoint.Reach}");
        if (!NetworkAllows(key.AllowedNetworks, from, trace)) return new AccessExplanation(false, null, trace.Rules);
        var graphWrites = endpoint.IsGraph && !GraphDocument.OnlyReads(method, query, body);
        var needed = graphWrites ? Scopes.Write : endpoint.Scope;
        trace.Add("scope", Scopes.Allow(key.Scopes, needed), $"needs {needed}{(graphWrites ? ", as its document does not plainly hold queries only" : "")}; the key has {string.Join(", ", key.Scopes)}");
        if (!Scopes.Allow(key.Scopes, needed) || (graphWrites && !Scopes.Allow(key.Scopes, endpoint.Scope))) return Refused(FailurePlace.ScopeMissing, trace);
        if (method is "GET" or "HEAD" && !body.IsEmpty)
        {
            trace.Add("spelling", false, $"{method} has no body here");
            return Refused(FailurePlace.RequestAmbiguous, trace);
        }
        var names = new ResourceNames(TimeProvider.System).For(async (_, question) => await ask(question) is var answer ? new WholeAnswer(answer.Status, [], answer.Body) : null!);
        try
        {
            var refusal = await new AccessRules(names).DecideAsync(new AccessRequest(endpoint, parameters, method, query, body, key, []), trace);
            return refusal is null ? new AccessExplanation(true, null, trace.Rules) : Refused(refusal.Value.Place, trace);
        }
        catch (NoNameException e)
        {
            trace.Add("resource", false, e.Message);
            return Refused(FailurePlace.GrantUnresolved, trace);
        }
    }

    private static bool NetworkAllows(IReadOnlyList<string>? networks, IPAddress? from, AccessTrace trace)
    {
        if (networks is null or { Count: 0 } || from is null)
        {
            trace.Add("network", networks is null or { Count: 0 } ? true : null, networks is null or { Count: 0 } ? "from anywhere" : $"from {string.Join(", ", networks)} only; --from says from where");
            return true;
        }
        var inside = networks.Any(network => IPNetwork.TryParse(network, out var known) && known.Contains(from));
        trace.Add("network", inside, $"{from} is {(inside ? "in" : "not in")} {string.Join(", ", networks)}");
        return inside;
    }

    private static AccessExplanation Refused(FailurePlace place, AccessTrace trace) => new(false, Failures.Of(place).Code, trace.Rules);
}
