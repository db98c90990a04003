using System.Collections.Concurrent;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Sessions;

/// <summary>
/// Sessions of browsers: a key that came once in a form and comes back sealed in a cookie. The key is checked anew with each request, like
/// any key: what ends it ends its sessions.
/// </summary>
internal sealed class BrowserSessions(SessionSeal seal, SessionOptions options, ClientAddress addresses, TimeProvider time)
{
    /// <summary>What logs call a credential that came in the cookie.</summary>
    public const string Place = "session cookie";

    // What was signed out must not come back with a copied cookie. Beyond this only its browser forgets it.
    private const int MostEnded = 10_000;

    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _ended = new(StringComparer.Ordinal);

    public TimeSpan Lifetime => options.Lifetime;

    /// <summary>The key in the cookie, or why there is none.</summary>
    /// <param name="http">A request without any other credential.</param>
    /// <param name="endpoint">What it asks for; null for the gateway's own.</param>
    public Credential Read(HttpContext http, MlflowEndpoint? endpoint)
    {
        if (!SessionCookie.IsSent(http.Request)) return new Credential(null, "none", FailurePlace.CredentialMissing);
        if (Find(http) is not { } session) return new Credential(null, Place, FailurePlace.SessionEnded);
        if (Changes(http.Request, endpoint) && !IsSameOrigin(http)) return new Credential(null, Place, FailurePlace.SessionOrigin);
        return new Credential(session.Key, Place);
    }

    /// <summary>The request's session, if it has one that lasts.</summary>
    public Session? Find(HttpContext http)
    {
        if (SessionCookie.Find(http.Request, SessionCookie.SessionName, IsTls(http)) is not { } cookie || !seal.TryOpen(cookie, out var session)) return null;
        var now = time.GetUtcNow();
        return now < session.Since + options.Lifetime && session.Since <= now + ClockDifference && !_ended.ContainsKey(session.Id) ? session : null;
    }

    public void Begin(HttpContext http, Contracts.Keys.ApiKey key) =>
        SessionCookie.Set(http.Response, SessionCookie.SessionName, seal.Seal(new Session(SessionSeal.NewId(), key, time.GetUtcNow())), IsTls(http), options.Lifetime);

    /// <summary>Ends the request's session, here and in its browser.</summary>
    public void End(HttpContext http)
    {
        if (Find(http) is { } session)
        {
            if (_ended.Count >= MostEnded) RemoveExpired();
            if (_ended.Count < MostEnded) _ended[session.Id] = session.Since + options.Lifetime;
        }
        Forget(http);
    }

    /// <summary>Takes the session's cookie away, if one was sent.</summary>
    public void Forget(HttpContext http)
    {
        if (SessionCookie.IsSent(http.Request)) SessionCookie.Set(http.Response, SessionCookie.SessionName, null, IsTls(http));
    }

    /// <summary>The token of a form that signs in, for the browser that gets the page.</summary>
    public string SignInToken(HttpContext http)
    {
        var isTls = IsTls(http);
        if (SessionCookie.Find(http.Request, SessionCookie.FormName, isTls) is not { Length: > 0 } holder)
        {
            holder = SessionSeal.NewId();
            SessionCookie.Set(http.Response, SessionCookie.FormName, holder, isTls);
        }
        return seal.FormToken("sign in", holder);
    }

    public string SignOutToken(Session session) => seal.FormToken("sign out", session.Id);

    /// <summary>Whether a sign-in form came from a page of this gateway, in the browser that it was made for.</summary>
    public bool IsOwnSignIn(HttpContext http, string? token) =>
        IsSameOrigin(http) && SessionCookie.Find(http.Request, SessionCookie.FormName, IsTls(http)) is { Length: > 0 } holder && seal.IsFormToken(token, "sign in", holder);

    public bool IsOwnSignOut(HttpContext http, Session session, string? token) => IsSameOrigin(http) && seal.IsFormToken(token, "sign out", session.Id);

    private static bool Changes(HttpRequest request, MlflowEndpoint? endpoint) => !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || endpoint?.Retry == RetryClass.Never;

    private bool IsSameOrigin(HttpContext http) => BrowserRequest.IsSameOrigin(http.Request, IsTls(http));

    private bool IsTls(HttpContext http) => addresses.IsTls(http);

    private void RemoveExpired()
    {
        var now = time.GetUtcNow();
        foreach (var (id, end) in _ended)
        {
            if (end <= now) _ended.TryRemove(id, out _);
        }
    }
}
