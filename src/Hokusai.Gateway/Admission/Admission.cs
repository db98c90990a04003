using System.Runtime.CompilerServices;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Gateway.Admission;

/// <summary>Decides whether a request may go on: which key it carries, whether the key is good, and whether its scopes cover the endpoint.</summary>
internal sealed class Admission(KeyVerdicts verdicts, BrowserSessions sessions, TimeProvider time)
{
    /// <summary>Sets the exchange's key, or says where admission failed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(FailurePlace Place, string? Detail)?> AdmitAsync(HttpContext http, Exchange exchange)
    {
        if (await IdentifyAsync(http, exchange) is { } denied) return denied;
        var needed = exchange.Endpoint!.Scope;
        return Scopes.Allow(exchange.Key!.Scopes, needed)
            ? null
            : (FailurePlace.ScopeMissing, $"{exchange.Endpoint.Label} needs the scope {needed}; the key {exchange.Key.KeyId} has {string.Join(", ", exchange.Key.Scopes)}.");
    }

    /// <summary>Sets the exchange's key, whatever its scopes, or says why there is none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(FailurePlace Place, string? Detail)?> IdentifyAsync(HttpContext http, Exchange exchange)
    {
        var credential = ConnectionCredential.Read(http, RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget));
        if (credential.Fault == FailurePlace.CredentialMissing) credential = sessions.Read(http, exchange.Endpoint);
        return await CheckAsync(credential, exchange);
    }

    /// <summary>Sets the exchange's key if the credential holds a good one, or says why not.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(FailurePlace Place, string? Detail)?> CheckAsync(Credential credential, Exchange exchange)
    {
        exchange.CredentialPlace = credential.Place;
        if (credential.Fault is { } fault) return (fault, credential.Detail);
        var key = credential.Key!.Value;
        var asked = time.GetTimestamp();
        var answer = verdicts.GetAsync(key, credential.Fingerprint, exchange.ClientIp);
        // A remembered verdict takes no time worth a look at the clock.
        var waits = !answer.IsCompletedSuccessfully;
        var (verdict, source) = await answer;
        if (waits) exchange.AuthTook = time.GetElapsedTime(asked);
        exchange.VerdictSource = source;
        if (verdict.Failure is { } denied) return (denied, DetailOf(denied, key, verdict));
        exchange.Key = verdict.Key;
        return null;
    }

    private static string? DetailOf(FailurePlace denied, ApiKey key, KeyVerdict verdict) => denied switch
    {
        FailurePlace.KeyUnknown when !key.HasValidChecksum => $"The key {key.Display} does not match its own checksum: it was mistyped or changed on the way, unless another platform issued it.",
        FailurePlace.KeyUnknown => $"The key {key.Display} is well-formed, but was not issued here: is it of another environment?",
        FailurePlace.KeyExpired or FailurePlace.KeyRevoked or FailurePlace.KeyDisabled => $"({key.Display}) {verdict.Detail}",
        _ => verdict.Detail,
    };
}
