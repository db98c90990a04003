using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Hokusai.Contracts;
using Hokusai.Contracts.Keys;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Sessions;

/// <summary>What the sign-in page shows.</summary>
/// <param name="Action">Where its form goes; null for the page's own address.</param>
/// <param name="Return">Where a sign-in leads.</param>
/// <param name="Token">The form's token.</param>
/// <param name="Lifetime">How long a session lasts.</param>
/// <param name="Reason">Why a person is asked (again); null if there is nothing to explain.</param>
internal sealed record SignInPage(string? Action, string Return, string Token, TimeSpan Lifetime, string? Reason);

/// <summary>The two pages, in plain HTML and CSS: no script, no font, no image from anywhere.</summary>
internal static class SessionPages
{
    private const string Style = """
        :root{color-scheme:light dark;--ground:#f4f6f9;--card:#fff;--text:#16202e;--soft:#566275;--line:#d8dee7;--edge:#7f8b9d;--ink:#1d4f91;--ink-over:#163d70;--on-ink:#fff;--bad:#a3211b;--bad-ground:#fdeeed;--focus:#3b82f6}
        @media (prefers-color-scheme:dark){:root{--ground:#0d131c;--card:#16202d;--text:#e7edf5;--soft:#9dabbe;--line:#2a374a;--edge:#65768f;--ink:#7db4ff;--ink-over:#a3caff;--on-ink:#0b1626;--bad:#ffb4ad;--bad-ground:#3a1d1d;--focus:#7db4ff}}
        *{box-sizing:border-box}
        body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1.25rem;padding:1.5rem 1rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        main{width:100%;max-width:26rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:0 1px 2px rgb(0 0 0/.05),0 12px 32px -12px rgb(0 0 0/.18)}
        .brand{display:flex;align-items:center;gap:.6rem;margin:0 0 1.5rem;font-weight:650;letter-spacing:.01em}
        .brand svg{width:2rem;height:2rem;flex:none;color:var(--ink)}
        h1{margin:0 0 .35rem;font-size:1.45rem;line-height:1.25;font-weight:650}
        p{margin:0 0 1.25rem}
        .soft{color:var(--soft)}
        label{display:block;margin:0 0 .35rem;font-weight:600;font-size:.95rem}
        input{width:100%;min-height:2.9rem;padding:.6rem .8rem;border:1px solid var(--edge);border-radius:9px;background:var(--ground);color:var(--text);font:1rem/1.3 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        input::placeholder{color:var(--soft);opacity:1}
        button,.button{display:block;width:100%;min-height:2.9rem;margin:1.1rem 0 0;padding:.65rem 1rem;border:1px solid transparent;border-radius:9px;background:var(--ink);color:var(--on-ink);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
        button:hover,.button:hover{background:var(--ink-over)}
        .plain{background:transparent;color:var(--text);border-color:var(--edge)}
        .plain:hover{background:var(--ground)}
        :focus-visible{outline:3px solid var(--focus);outline-offset:2px}
        .hint{margin:.45rem 0 0;font-size:.875rem;color:var(--soft)}
        .note{margin:1.4rem 0 0;padding:1.1rem 0 0;border-top:1px solid var(--line);font-size:.875rem;color:var(--soft)}
        .reason{margin:0 0 1.25rem;padding:.75rem .9rem;border-left:4px solid var(--bad);border-radius:6px;background:var(--bad-ground);color:var(--bad);overflow-wrap:anywhere}
        input[aria-invalid]{border-color:var(--bad)}
        dl{display:grid;grid-template-columns:auto 1fr;gap:.5rem 1.1rem;margin:0 0 .4rem}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        footer{max-width:26rem;padding:0 .5rem;font-size:.8rem;color:var(--soft);text-align:center;overflow-wrap:anywhere}
        @media (max-width:30rem){main{padding:1.5rem 1.25rem}}
        """;

    // The wave.
    private const string Logo = """<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="currentColor"/><path d="M4 23c5 0 7-4 8-8 1-4.500 4-7.500 8.500-7.500 4 0 6.500 2.500 6.500 5.500-1.500-1.500-3.500-2-5-1-2.500 1.500-2 6 1.500 8 1.400.8 3 1 4.500 1v2.500H4z" fill="var(--card)"/></svg>""";

    /// <summary>Only this page's own style, by its hash; forms only to this host; nobody's frame.</summary>
    private static readonly string Policy = $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    // The request's id only where something went wrong: to everybody else it is noise.
    public static Task WriteAsync(HttpContext http, Exchange exchange, int status, SignInPage page) =>
        WriteAsync(http, exchange, status, SignIn(page) + (page.Reason is null ? "" : $"<footer>Request {exchange.RequestId}</footer>\n"));

    public static async Task WriteAsync(HttpContext http, Exchange exchange, int status, string content)
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        // With "no-referrer" browsers send the form's Origin as null, and its proof of origin would be lost.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers[HokusaiHeaders.RequestId] = exchange.RequestId;
        // RFC 9110 wants a challenge; one for Basic would make browsers ask in a dialog of their own.
        if (status == StatusCodes.Status401Unauthorized) headers.WWWAuthenticate = "Bearer realm=\"hokusai\"";
        var body = Encoding.UTF8.GetBytes($"{content}</body>\n</html>\n");
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>The page that shows whose session this is, and ends it.</summary>
    public static string Account(ValidatedKey key, Session session, DateTimeOffset end, string prefix, string token) => Document("Your session", $"""
        <h1>You are signed in</h1>
        <p class="soft">With an API key, until it is revoked or the session ends.</p>
        <dl>
        <dt>User</dt><dd>{Escape(key.UserId)}</dd>
        <dt>Key</dt><dd><code>{Escape(session.Key.Display)}</code> ({Escape(key.KeyId)})</dd>
        <dt>May</dt><dd>{Escape(string.Join(", ", key.Scopes))}</dd>
        <dt>Ends</dt><dd>{end.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC</dd>
        </dl>
        <a class="button" href="{Escape(prefix)}/">Open MLflow</a>
        <form method="post" action="{Escape(prefix)}/hokusai/sign-out">
        <input type="hidden" name="token" value="{Escape(token)}">
        <button class="plain">Sign out</button>
        </form>
        """);

    private static string SignIn(SignInPage page) => Document("Sign in", $"""
        <h1>Sign in</h1>
        <p class="soft">Your API key opens MLflow.</p>
        {(page.Reason is { } reason ? $"""<p class="reason" role="alert" id="reason">{Escape(reason)}</p>""" : "")}
        <form method="post"{(page.Action is { } action ? $" action=\"{Escape(action)}\"" : "")}>
        <input type="hidden" name="token" value="{Escape(page.Token)}">
        <input type="hidden" name="return" value="{Escape(page.Return)}">
        <label for="key">API key</label>
        <input id="key" name="key" type="password" placeholder="hk_live_…" required autofocus autocomplete="current-password" autocapitalize="none" spellcheck="false" maxlength="200" aria-describedby="hint{(page.Reason is null ? "" : " reason\" aria-invalid=\"true")}">
        <p class="hint" id="hint">The value of <code>MLFLOW_TRACKING_TOKEN</code>. An administrator issues one.</p>
        <button>Sign in</button>
        </form>
        <p class="note">You stay signed in for {Duration(page.Lifetime)}. The key is kept encrypted in a cookie that pages can’t read.</p>
        """);

    private static string Document(string title, string content) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{title} · Hokusai</title>
        <link rel="icon" href="data:,">
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <p class="brand">{Logo}Hokusai</p>
        {content}
        </main>

        """;

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days"),
        { TotalHours: >= 1.05 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} hours"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes"),
    };

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
