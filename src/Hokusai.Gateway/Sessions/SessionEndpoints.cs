using System.Globalization;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Hokusai.Gateway.Forwarding.Http1;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Hokusai.Gateway.Sessions;

/// <summary>
/// Sign-in, sign-out and what stands between, for people with browsers. All of it lives behind the prefixes too: a load balancer may let
/// nothing else through. Whatever a program calls is never answered with a page.
/// </summary>
internal sealed class SessionEndpoints(BrowserSessions sessions, Admission.Admission admission, TimeProvider time)
{
    private const string SignIn = "/hokusai/sign-in";
    private const string SignOut = "/hokusai/sign-out";
    private const string Account = "/hokusai/session";
    private const int LargestForm = 8 * 1024;

    /// <summary>Whether a request is answered here. A page's own form is sent to the page: so the browser keeps what stands behind <c>#</c>, where MLflow's UI has its routes.</summary>
    public static bool Takes(HttpRequest request, string path) =>
        path is SignIn or SignOut or Account || (path == "/" && HttpMethods.IsPost(request.Method) && IsForm(request));

    /// <summary>Answers, or says where it failed.</summary>
    /// <param name="http">The request.</param>
    /// <param name="exchange">What is known of it.</param>
    /// <param name="path">Its path as it came.</param>
    public async ValueTask<(FailurePlace Place, string? Detail)?> AnswerAsync(HttpContext http, Exchange exchange, string path)
    {
        var prefix = PrefixOf(exchange.Path, path);
        var isPost = HttpMethods.IsPost(http.Request.Method);
        if (!isPost && !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            exchange.AllowedMethods = "GET, POST";
            return (FailurePlace.MethodUnknown, null);
        }
        if (isPost && !IsForm(http.Request)) return (FailurePlace.RequestMalformed, "A form was expected.");
        if (isPost && exchange.Path == SignOut) return await SignOutAsync(http, exchange, prefix);
        if (isPost) return await SignInAsync(http, exchange, path, prefix);
        if (sessions.Find(http) is not { } session)
        {
            await SessionPages.WriteAsync(http, exchange, StatusCodes.Status200OK, SignInPage(http, exchange, prefix, ReturnOf(http, prefix)));
            return null;
        }
        if (await admission.CheckAsync(http, new Credential(session.Key, BrowserSessions.Place), exchange) is { } denied) return denied;
        await SessionPages.WriteAsync(http, exchange, StatusCodes.Status200OK, SessionPages.Account(exchange.Key!, session, session.Since + sessions.Lifetime, prefix, sessions.SignOutToken(session)));
        return null;
    }

    /// <summary>Asks a person to sign in where a program would be told that it may not.</summary>
    /// <returns>Whether it did.</returns>
    public async ValueTask<bool> TryAskAsync(HttpContext http, Exchange exchange, string path, FailurePlace place, string? detail)
    {
        if (http.Response.HasStarted || !IsPage(exchange.Path, path) || !BrowserRequest.IsNavigation(http.Request)) return false;
        var failure = Failures.Of(place);
        var isRefusal = failure.Status == StatusCodes.Status401Unauthorized || (failure.Status == StatusCodes.Status403Forbidden && exchange.CredentialPlace == BrowserSessions.Place);
        // Who came with a key in a header has a program or an extension that sends it, and learns more from what they would be told.
        if (!isRefusal || http.Request.Headers.Authorization.Count > 0) return false;
        (exchange.Failure, exchange.FailureDetail) = (place, detail);
        http.Response.Clear();
        if (failure.Status == StatusCodes.Status401Unauthorized) sessions.Forget(http);
        var prefix = PrefixOf(exchange.Path, path);
        var reason = place == FailurePlace.CredentialMissing ? null : $"{failure.Message} {detail ?? failure.Hint}";
        var page = SignInPage(http, exchange, prefix, exchange.Path.StartsWith("/hokusai/s", StringComparison.Ordinal) ? prefix + "/" : TargetOf(http, path), reason);
        await SessionPages.WriteAsync(http, exchange, failure.Status, page);
        return true;
    }

    private async ValueTask<(FailurePlace, string?)?> SignInAsync(HttpContext http, Exchange exchange, string path, string prefix)
    {
        exchange.CredentialPlace = "sign-in form";
        if (await ReadFormAsync(http) is not { } form) return (FailurePlace.BodyTooLarge, "It is no sign-in form.");
        var back = LocalPath.Or(form["return"], prefix + "/");
        var denied = sessions.IsOwnSignIn(http, form["token"]) ? await CheckAsync(http, form["key"].ToString().Trim(' ', '\t', '\r', '\n', '"', '\''), exchange) : (FailurePlace.SessionOrigin, null);
        if (denied is not var (place, detail))
        {
            sessions.Begin(http, exchange.PresentedKey!.Value);
            SeeOther(http, exchange, back);
            return null;
        }
        var failure = Failures.Of(place);
        (exchange.Failure, exchange.FailureDetail) = (place, detail);
        if ((exchange.RetryAfter ?? failure.RetryAfter) is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await SessionPages.WriteAsync(http, exchange, failure.Status, SignInPage(http, exchange, prefix, back, $"{failure.Message} {detail ?? failure.Hint}"));
        return null;
    }

    private async ValueTask<(FailurePlace, string?)?> CheckAsync(HttpContext http, string text, Exchange exchange)
    {
        if (text.Length == 0) return (FailurePlace.CredentialMissing, "Type or paste it below.");
        if (!ApiKey.TryParse(text, out var key)) return (FailurePlace.CredentialMalformed, $"Its form is wrong: {ApiKey.Fault(text)}.");
        return await admission.CheckAsync(http, new Credential(key, exchange.CredentialPlace), exchange);
    }

    private async ValueTask<(FailurePlace, string?)?> SignOutAsync(HttpContext http, Exchange exchange, string prefix)
    {
        if (await ReadFormAsync(http) is not { } form) return (FailurePlace.BodyTooLarge, "It is no sign-out form.");
        if (sessions.Find(http) is { } session && !sessions.IsOwnSignOut(http, session, form["token"])) return (FailurePlace.SessionOrigin, null);
        sessions.End(http);
        SeeOther(http, exchange, prefix + SignIn);
        return null;
    }

    private SignInPage SignInPage(HttpContext http, Exchange exchange, string prefix, string back, string? reason = null) =>
        new(exchange.Path == "/" ? null : prefix + SignIn, back, sessions.SignInToken(http), sessions.Lifetime, reason);

    private static void SeeOther(HttpContext http, Exchange exchange, string path)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = path;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers[Contracts.HokusaiHeaders.RequestId] = exchange.RequestId;
        http.Response.ContentLength = 0;
    }

    // MLflow's page and the gateway's own that need a key. Whatever else there is, programs call: MLflow's UI too.
    private static bool IsPage(string rest, string path) => rest == "/" || path.StartsWith("/hokusai/", StringComparison.Ordinal) || rest == Account;

    private static bool IsForm(HttpRequest request) => request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    // "/api/mlflow" without a slash is cut to "/" too.
    private static string PrefixOf(string rest, string path) => path.EndsWith(rest, StringComparison.Ordinal) ? path[..^rest.Length] : path;

    // Relative links of MLflow's page need the slash at its end. A key in a query is exposed already, and not carried on.
    private static string TargetOf(HttpContext http, string path)
    {
        var query = RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget);
        var page = GatewayPath.Cut(path).SequenceEqual("/") && !path.EndsWith('/') ? path + "/" : path;
        return LocalPath.Or(CredentialReader.HoldsKey(query) ? page : $"{page}{query}", page);
    }

    private static string ReturnOf(HttpContext http, string prefix) => LocalPath.Or(http.Request.Query["return"], prefix + "/");

    private async Task<Dictionary<string, StringValues>?> ReadFormAsync(HttpContext http)
    {
        if (await RequestBody.ReadSmallAsync(http, LargestForm, time) is not { } form) return null;
        var fields = new Dictionary<string, StringValues>(StringComparer.Ordinal) { ["key"] = "", ["token"] = "", ["return"] = "" };
        foreach (var (name, value) in QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(form.Span))) fields[name] = value;
        return fields;
    }
}
