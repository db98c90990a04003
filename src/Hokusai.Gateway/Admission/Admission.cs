using System.Runtime.CompilerServices;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>Decides whether a request may go on: which key it carries, whether the key is good here and now, and whether its scopes cover the endpoint.</summary>
internal sealed class Admission(KeyVerdicts verdicts, DenyListFile denied, FailedAttempts attempts, BrowserSessions sessions, TimeProvider time, ILogger logger)
{
    private readonly ExpiryNotices _notices = new(logger);

    /// <summary>Sets the exchange's key, or says where admission failed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(FailurePlace Place, string? Detail)?> AdmitAsync(HttpContext http, Exchange exchange)
    {
        if (await IdentifyAsync(http, exchange) is { } denied) return denied;
        var needed = exchange.Endpoint!.Scope;
        var allowed = Scopes.Allow(exchange.Key!.Scopes, needed);
        if (logger.IsEnabled(LogLevel.Debug)) Log.ScopeChecked(logger, exchange.RequestId, exchange.Endpoint.Label, needed, string.Join(", ", exchange.Key.Scopes), allowed);
        return allowed ? null : (FailurePlace.ScopeMissing, $"{exchange.Endpoint.Label} needs the scope {needed}; the key {exchange.Key.KeyId} has {string.Join(", ", exchange.Key.Scopes)}.");
    }

    /// <summary>Sets the exchange's key, whatever its scopes, or says why there is none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(FailurePlace Place, string? Detail)?> IdentifyAsync(HttpContext http, Exchange exchange)
    {
        var credential = ConnectionCredential.Read(http, RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget));
        if (credential.Fault == FailurePlace.CredentialMissing) credential = sessions.Read(http, exchange.Endpoint);
        return await CheckAsync(http, credential, exchange);
    }

    /// <summary>Sets the exchange's key if the credential holds a good one, or says why not.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(FailurePlace Place, string? Detail)?> CheckAsync(HttpContext http, Credential credential, Exchange exchange)
    {
        exchange.CredentialPlace = credential.Place;
        exchange.PresentedKey = credential.Key;
        if (logger.IsEnabled(LogLevel.Debug)) TellCredential(http, exchange, credential, RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).Length);
        if (credential.Fault is { } fault) return await attempts.TakeAsync(exchange, fault) ?? (fault, credential.Detail);
        var key = credential.Key!.Value;
        if (denied.Current.Names(key, credential.Fingerprint)) return (FailurePlace.KeyBlocked, $"({key.Display})");
        if (!verdicts.Remembers(credential.Fingerprint) && await attempts.CheckAsync(exchange) is { } tooMany) return tooMany;
        var asked = time.GetTimestamp();
        var answer = verdicts.GetAsync(key, credential.Fingerprint, exchange.ClientIp, writes: exchange.Endpoint is { Class: not EndpointClass.Read });
        // A remembered verdict takes no time worth a look at the clock.
        var waits = !answer.IsCompletedSuccessfully;
        var (verdict, source) = await answer;
        if (waits) exchange.AuthTook = time.GetElapsedTime(asked);
        (exchange.VerdictSource, exchange.Verdict) = (source, verdict);
        if (logger.IsEnabled(LogLevel.Debug)) Log.VerdictReached(logger, exchange.RequestId, key.Display, source, verdict.Failure?.ToString() ?? "good", verdict.Status, verdict.Took.TotalMilliseconds, exchange.AuthTook.TotalMilliseconds);
        if (verdict.Admitted is { } admitted) return Admit(http, exchange, admitted);
        var refusal = verdict.Failure!.Value;
        // A refusal that was remembered cost nothing and tells nobody anything new.
        if (source == "fresh") await attempts.ChargeAsync(exchange, refusal);
        return (refusal, DetailOf(refusal, key, verdict));
    }

    private (FailurePlace Place, string? Detail)? Admit(HttpContext http, Exchange exchange, AdmittedKey admitted)
    {
        // Known from here on, also to the log of a refusal.
        exchange.Key = admitted.Key;
        if (denied.Current.NamesId(admitted.Key.KeyId)) return (FailurePlace.KeyBlocked, $"({admitted.Key.KeyId})");
        if (!admitted.Allows(exchange.ClientIp)) return (FailurePlace.AddressDenied, $"The key {admitted.Key.KeyId} is for {string.Join(", ", admitted.Key.AllowedNetworks!)}; the request came from {exchange.ClientIp}.");
        if (logger.IsEnabled(LogLevel.Debug)) Log.AddressAllowed(logger, exchange.RequestId, exchange.ClientIp, ClientAddress.ChainOf(http), admitted.Key.AllowedNetworks is { Count: > 0 } networks ? string.Join(", ", networks) : "any");
        exchange.UpstreamContext = admitted.UpstreamContext;
        _notices.Tell(http, admitted, exchange.At);
        return null;
    }

    private void TellCredential(HttpContext http, Exchange exchange, Credential credential, int query)
    {
        var headers = http.Request.Headers;
        Log.CredentialRead(logger, exchange.RequestId, headers.Authorization.Count, headers[Contracts.HokusaiHeaders.ApiKey].Count, query, credential.Place, credential.Fault?.ToString() ?? "a key", credential.Key?.Display ?? "-");
    }

    private static string? DetailOf(FailurePlace denied, ApiKey key, KeyVerdict verdict) => denied switch
    {
        FailurePlace.KeyUnknown when !key.HasValidChecksum => $"The key {key.Display} does not match its own checksum: it was mistyped or changed on the way, unless another platform issued it.",
        FailurePlace.KeyUnknown => $"The key {key.Display} is well-formed, but was not issued here: is it of another environment?",
        FailurePlace.KeyExpired or FailurePlace.KeyRevoked or FailurePlace.KeyDisabled => $"({key.Display}) {verdict.Detail}",
        _ => verdict.Detail,
    };
}
