using System.Diagnostics;
using System.Net.Http.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway;
using Hokusai.Gateway.Sessions;
using Hokusai.Keys.Administration;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Sessions;

/// <summary>Signing in with a browser, and what its cookie can do.</summary>
public sealed class SessionTests
{
    private const string Ui = "/api/mlflow/";
    private const string Search = "/api/mlflow/ajax-api/2.0/mlflow/runs/search";
    private const string Delete = "/api/mlflow/ajax-api/2.0/mlflow/runs/delete";
    private const string Html = "text/html,application/xhtml+xml,*/*;q=0.8";

    private static readonly string Secret = new('s', 32);

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("/api/mlflow/")]
    [InlineData("/api/mlflow")]
    [InlineData("/mlflow/")]
    [InlineData("/")]
    [InlineData("/?a=%2F")]
    [InlineData("/hokusai/debug")]
    public async Task Open_PageWithoutCredential_AsksInPlaceToSignIn(string path)
    {
        await using var hop = await GatewayHop.StartAsync();

        var page = await new Browser(hop.Gateway.Client()).OpenAsync(path);

        Assert.Equal((401, true), (page.Status, page.IsHtml));
        Assert.Contains("<label for=\"key\">API key</label>", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none';", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal(("no-store", "nosniff", "same-origin", "DENY"), (page.Headers["Cache-Control"], page.Headers["X-Content-Type-Options"], page.Headers["Referrer-Policy"], page.Headers["X-Frame-Options"]));
        Assert.Equal("Bearer realm=\"hokusai\"", page.Headers["WWW-Authenticate"]);
        Assert.Empty(hop.Upstream.Requests);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET", "/api/2.0/mlflow/runs/get", Html)]
    [InlineData("GET", Search, Html)]
    [InlineData("GET", "/get-artifact?path=a", Html)]
    [InlineData("GET", "/api/mlflow/static-files/x.html", Html)]
    [InlineData("GET", "/version", Html)]
    [InlineData("GET", "/graphql", Html)]
    [InlineData("POST", "/graphql", Html)]
    [InlineData("GET", "/", "*/*")]
    [InlineData("GET", "/", "application/json")]
    [InlineData("GET", "/hokusai/debug", "application/json")]
    [InlineData("GET", "/nothing", Html)]
    [InlineData("DELETE", "/", Html)]
    public async Task Open_AnythingThatProgramsCall_IsNeverAPageOrARedirect(string method, string path, string accept)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, $"{method} {path} HTTP/1.1", "Accept: " + accept, "Content-Length: 0");

        Assert.Contains(answer.Status, (int[])[401, 404, 405]);
        Assert.Contains("Content-Type: application/json", answer.Head, StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", answer.Head, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task SignIn_GoodKey_LetsTheUiWorkAndShowsNothingUpstream()
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        browser.Keep("theme", "dark");

        var signedIn = await browser.SignInAsync(Ui + "?startTime=ALL", hop.Key);

        Assert.Equal((303, Ui + "?startTime=ALL"), (signedIn.Status, signedIn.Location));
        var cookie = Assert.Single(signedIn.SetCookies);
        Assert.Matches("^hokusai_session=[A-Za-z0-9_-]+; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax$", cookie);
        Assert.Equal(200, (await browser.OpenAsync(Ui)).Status);
        Assert.Equal(200, (await browser.FetchAsync(HttpMethod.Post, Search)).Status);
        Assert.Equal(200, (await browser.FetchAsync(HttpMethod.Post, "/api/mlflow/graphql")).Status);
        Assert.Equal(200, (await browser.FetchAsync(HttpMethod.Get, "/api/mlflow/get-artifact?path=a")).Status);
        Assert.Equal(4, hop.Upstream.Requests.Count);
        Assert.All(hop.Upstream.Requests, request =>
        {
            Assert.Equal(("theme=dark", "ada"), (request.Header("Cookie"), request.Header("X-Hokusai-User-Id")));
            Assert.Null(request.Header("Authorization"));
        });
        await hop.Gateway.StopAsync();
        hop.Gateway.Logs.Lacks(browser.Session);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignIn_BehindTls_BindsTheCookieToTheHostIfTheProxyIsTrusted(bool isTrusted)
    {
        await using var hop = await GatewayHop.StartAsync(configure: o => isTrusted ? o : o with { TrustedProxies = ["192.0.2.0/24"] });
        var browser = new Browser(hop.Gateway.Client()) { Extra = { ["X-Forwarded-Proto"] = "https" } };

        var signedIn = await browser.SignInAsync(Ui, hop.Key);

        Assert.Equal(isTrusted, signedIn.SetCookies.Single().StartsWith("__Host-hokusai_session=", StringComparison.Ordinal));
        Assert.Equal(isTrusted, signedIn.SetCookies.Single().EndsWith("; Secure", StringComparison.Ordinal));
        Assert.Equal(200, (await browser.FetchAsync(HttpMethod.Get, Search.Replace("runs/search", "runs/get", StringComparison.Ordinal))).Status);
        Assert.Null(hop.Upstream.Only.Header("Cookie"));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("KEY_UNKNOWN", 401, "not known")]
    [InlineData("KEY_REVOKED", 401, "revoked")]
    [InlineData("KEY_EXPIRED", 401, "expired")]
    [InlineData(null, 503, "auth service")]
    public async Task SignIn_KeyThatIsNotGood_IsToldOnThePageWithoutIt(string? code, int status, string reason)
    {
        await using var hop = await GatewayHop.StartAsync(validate: code is null ? ScriptedServer.Answer(500, "") : ScriptedServer.Answer(401, $$"""{"error_code":"{{code}}","message":"No."}"""));
        var browser = new Browser(hop.Gateway.Client());

        var page = await browser.SignInAsync(Ui, hop.Key);

        Assert.Equal((status, true), (page.Status, page.IsHtml));
        Assert.Contains(reason, page.Body, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(hop.Key, page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Key.Contains("session", StringComparison.Ordinal));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("", "No API key was sent")]
    [InlineData("hunter2", "does not start with hk_live_")]
    [InlineData("<b>\"&", "does not start with hk_live_")]
    [InlineData("cut", "39 characters")]
    public async Task SignIn_NoKeyAtAll_IsToldWithoutAskingAnybody(string text, string reason)
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        var given = text == "cut" ? hop.Key[..^1] : text;

        var page = await browser.SignInAsync(Ui, given);

        Assert.Equal(401, page.Status);
        Assert.Contains(reason, page.Body, StringComparison.Ordinal);
        if (given.Length > 0) Assert.DoesNotContain(given, page.Body, StringComparison.Ordinal);
        Assert.Equal(0, hop.Validations);
        await hop.Gateway.StopAsync();
        if (given.Length > 0) hop.Gateway.Logs.Lacks(given);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    public async Task SignIn_ReturnToAnotherHost_LeadsHome(string target)
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        var page = await browser.OpenAsync("/api/mlflow/hokusai/sign-in?return=" + Uri.EscapeDataString(target));
        Assert.Equal(200, page.Status);
        Assert.DoesNotContain("evil", page.Body, StringComparison.Ordinal);

        var signedIn = await browser.SubmitAsync(page, "/api/mlflow/hokusai/sign-in", new() { ["key"] = hop.Key, ["return"] = target });

        Assert.Equal((303, Ui), (signedIn.Status, signedIn.Location));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("cross-site", true, true)]
    [InlineData("same-site", true, true)]
    [InlineData("same-origin", false, true)]
    [InlineData("same-origin", true, false)]
    public async Task SignIn_FormFromElsewhere_IsRefused(string site, bool token, bool cookie)
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        var page = await browser.OpenAsync(Ui);
        if (!cookie) browser.Keep("hokusai_form", "another");

        var answer = await browser.SubmitAsync(page, Ui, token ? new() { ["key"] = hop.Key } : new() { ["key"] = hop.Key, ["token"] = "x" }, site);

        Assert.Equal((403, true), (answer.Status, answer.IsHtml));
        Assert.Equal(0, hop.Validations);
        Assert.DoesNotContain(browser.Cookies, kept => kept.Key == "hokusai_session");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site")]
    [InlineData("Sec-Fetch-Site: none")]
    [InlineData("Origin: https://evil.example")]
    [InlineData("Origin: null")]
    [InlineData("X-Requested-With: XMLHttpRequest")]
    public async Task Change_WithTheCookieFromAnotherPage_IsRefused(string header)
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        await browser.SignInAsync(Ui, hop.Key);

        var answer = await RawClient.SendAsync(hop.Url, $"POST {Delete} HTTP/1.1", "Cookie: hokusai_session=" + browser.Session, header, "Content-Length: 0");

        Assert.Equal(403, answer.Status);
        Assert.Contains("HKS-SESSION-ORIGIN", answer.Body, StringComparison.Ordinal);
        var sideEffect = await RawClient.SendAsync(hop.Url, "GET /ajax-api/2.0/mlflow/gateway-proxy HTTP/1.1", "Cookie: hokusai_session=" + browser.Session, header);
        Assert.Equal(403, sideEffect.Status);
        Assert.Empty(hop.Upstream.Requests);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Change_WithTheCookieAndOwnOrigin_PassesAndAKeyInAHeaderNeedsNone()
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        await browser.SignInAsync(Ui, hop.Key);

        var own = await RawClient.SendAsync(hop.Url, $"POST {Delete} HTTP/1.1", "Cookie: hokusai_session=" + browser.Session, "Origin: " + hop.Url.TrimEnd('/'), "Content-Length: 0");
        var program = await RawClient.SendAsync(hop.Url, $"POST {Delete} HTTP/1.1", "Cookie: hokusai_session=broken", "Authorization: Bearer " + hop.Key, "Content-Length: 0");

        Assert.Equal((200, 200), (own.Status, program.Status));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Read_CookieThatEnded_IsJsonForProgramsWithoutABasicChallengeAndThePageForPeople()
    {
        var time = new ShiftedTime();
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Sessions = new SessionOptions { Lifetime = TimeSpan.FromHours(1) } }, time: time);
        var browser = new Browser(hop.Gateway.Client());
        await browser.SignInAsync(Ui, hop.Key);
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(200, (await browser.FetchAsync(HttpMethod.Post, Search)).Status);

        time.Advance(TimeSpan.FromMinutes(2));

        var fetched = await browser.FetchAsync(HttpMethod.Post, Search);
        Assert.Equal((401, "application/json", "HKS-SESSION-ENDED"), (fetched.Status, fetched.Type, fetched.Code));
        Assert.Equal("Bearer realm=\"hokusai\"", fetched.Headers["WWW-Authenticate"]);
        var page = await browser.OpenAsync(Ui);
        Assert.Equal((401, true), (page.Status, page.IsHtml));
        Assert.Contains("The session has ended.", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Key == "hokusai_session");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Read_CookieOfAnotherGateway_IsGoodWithTheSameSecretOnly()
    {
        await using var one = await GatewayHop.StartAsync(configure: o => o with { Sessions = new SessionOptions { Secret = Secret } });
        await using var same = await GatewayHop.StartAsync(configure: o => o with { Sessions = new SessionOptions { Secret = Secret } });
        await using var other = await GatewayHop.StartAsync();
        var browser = new Browser(one.Gateway.Client());
        await browser.SignInAsync(Ui, one.Key);

        foreach (var (hop, status) in ((GatewayHop, int)[])[(same, 200), (other, 401)])
        {
            var answer = await RawClient.SendAsync(hop.Url, "GET /version HTTP/1.1", "Cookie: hokusai_session=" + browser.Session);
            Assert.Equal(status, answer.Status);
        }
        await other.Gateway.StopAsync();
        await other.Gateway.Logs.HasAsync("SessionSecretIsRandom");
        await one.Gateway.StopAsync();
        one.Gateway.Logs.Lacks(Secret);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Read_KeyWithoutScope_CanSignOutAndInAgain()
    {
        await using var hop = await GatewayHop.StartAsync(validate: GatewayHop.Good(scopes: Scopes.ModelWrite));
        var browser = new Browser(hop.Gateway.Client());
        await browser.SignInAsync(Ui, hop.Key);

        var page = await browser.OpenAsync(Ui);
        var fetched = await browser.FetchAsync(HttpMethod.Post, Search);

        Assert.Equal((403, true), (page.Status, page.IsHtml));
        Assert.Contains("mlflow:read", page.Body, StringComparison.Ordinal);
        Assert.Equal((403, "HKS-DENY-SCOPE"), (fetched.Status, fetched.Code));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task SignOut_OwnForm_EndsTheSessionAndItsCopies()
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        await browser.SignInAsync(Ui, hop.Key);
        var copy = browser.Session;
        var page = await browser.OpenAsync("/api/mlflow/hokusai/session");
        Assert.Equal(200, page.Status);
        Assert.Contains($"{hop.Key[..12]}…", System.Net.WebUtility.HtmlDecode(page.Body), StringComparison.Ordinal);
        Assert.Contains("ada", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(hop.Key, page.Body, StringComparison.Ordinal);

        var foreign = await browser.SubmitAsync(page, "/api/mlflow/hokusai/sign-out", [], "cross-site");
        var forged = await browser.SubmitAsync(page, "/api/mlflow/hokusai/sign-out", new() { ["token"] = "x" });
        Assert.Equal((403, 403, copy), (foreign.Status, forged.Status, browser.Session));
        var signedOut = await browser.SubmitAsync(page, "/api/mlflow/hokusai/sign-out", []);

        Assert.Equal((303, "/api/mlflow/hokusai/sign-in"), (signedOut.Status, signedOut.Location));
        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Key == "hokusai_session");
        var copied = await RawClient.SendAsync(hop.Url, "GET /version HTTP/1.1", "Cookie: hokusai_session=" + copy);
        Assert.Equal(401, copied.Status);
        Assert.Equal(200, (await browser.OpenAsync("/api/mlflow/hokusai/session")).Status);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("POST", "/hokusai/sign-in", "Content-Type: application/json", 400)]
    [InlineData("POST", "/hokusai/sign-out", "Content-Type: text/plain", 400)]
    [InlineData("PUT", "/hokusai/session", "Accept: */*", 405)]
    [InlineData("POST", "/", "Content-Type: application/json", 405)]
    public async Task Take_WhatIsNoForm_IsRefused(string method, string path, string header, int status)
    {
        await using var hop = await GatewayHop.StartAsync();
        Assert.Equal(status, (await RawClient.SendAsync(hop.Url, $"{method} {path} HTTP/1.1", header, "Content-Length: 0")).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task SignIn_EndlessForm_IsCutOff()
    {
        await using var hop = await GatewayHop.StartAsync();
        var browser = new Browser(hop.Gateway.Client());
        var page = await browser.SubmitAsync(await browser.OpenAsync(Ui), Ui, new() { ["key"] = new string('x', 10_000) });
        Assert.Equal((413, "HKS-SIZE"), (page.Status, page.Code));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Read_KeyIsRevoked_EndsTheSessionWithinTwoSeconds()
    {
        await using var upstream = await ScriptedServer.StartAsync();
        await using var stack = await TestStack.StartAsync(upstream.Url);
        var admin = stack.Client(stack.KeysAdminUrl, stack.Key);
        Browser browser = null!;

        var took = await Prompt.BestAsync(TimeSpan.FromSeconds(2), async () =>
        {
            using var made = await admin.PostAsJsonAsync("api/v1/keys", new CreateKeyRequest("ui"), KeyJson.Default.CreateKeyRequest, TestContext.Current.CancellationToken);
            var key = (await made.Content.ReadFromJsonAsync(KeyJson.Default.KeyDescription, TestContext.Current.CancellationToken))!;
            stack.RememberKey(key.Key!);
            browser = new Browser(stack.Client(stack.EdgeUrl));
            Assert.Equal(303, (await browser.SignInAsync(Ui, key.Key!)).Status);
            Assert.Equal(200, (await browser.FetchAsync(HttpMethod.Post, Search)).Status);
            stack.RememberKey(browser.Session);
            using (await admin.PostAsync(new Uri($"api/v1/keys/{key.KeyId}/revoke", UriKind.Relative), null, TestContext.Current.CancellationToken)) { }
            var since = Stopwatch.StartNew();
            await Until.TrueAsync("the revoked key's session has ended", TimeSpan.FromSeconds(20), async () => (await browser.FetchAsync(HttpMethod.Post, Search)).Status == 401);
            return since.Elapsed;
        });

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Contains("revoked", (await browser.OpenAsync(Ui)).Body, StringComparison.Ordinal);
    }

    // Every way above once more with debug logging on, in one gateway, searched for the whole key, the cookie and the form's body.
    [Fact(Timeout = Deadlines.Test)]
    public async Task Log_WholeLifeOfASession_HoldsNeitherKeyNorCookie()
    {
        await using var hop = await GatewayHop.StartAsync(http => ScriptedServer.WriteAsync(http, 200, http.Request.Headers.Cookie.ToString() + http.Request.Headers.Authorization), configure: o => o with { UpstreamCredential = UpstreamCredential.Forward });
        using (var on = await hop.Client().PostAsync(new Uri("/hokusai/debug", UriKind.Relative), new StringContent("""{"path":"/","minutes":5}"""), TestContext.Current.CancellationToken)) Assert.True(on.IsSuccessStatusCode);
        var browser = new Browser(hop.Gateway.Client());
        await browser.SignInAsync(Ui, hop.Key[..^1]);
        await browser.SignInAsync(Ui + "?api_key=" + hop.Key, hop.Key);
        await browser.SignInAsync(Ui, hop.Key);
        var cookie = browser.Session;
        var seen = new List<Page> { await browser.FetchAsync(HttpMethod.Post, Search), await browser.OpenAsync(Ui), await browser.OpenAsync("/nothing"), await browser.FetchAsync(HttpMethod.Post, Delete, "cross-site"), await browser.OpenAsync("/hokusai/debug"), await browser.OpenAsync("/hokusai/session") };
        browser.Keep("hokusai_session", cookie[..^2] + "AA");
        seen.AddRange([await browser.FetchAsync(HttpMethod.Post, Search), await browser.OpenAsync(Ui)]);
        await hop.Gateway.StopAsync();

        await hop.Gateway.Logs.HasAsync("DebugRequest");
        foreach (var secret in (string[])[hop.Key, hop.Key[..^1], hop.Key[12..36], cookie, cookie[..40]])
        {
            hop.Gateway.Logs.Lacks(secret);
            Assert.All(seen, page => Assert.DoesNotContain(secret, page.Body, StringComparison.Ordinal));
        }
        Assert.All(hop.Upstream.Requests, request => Assert.Null(request.Header("Cookie")));
    }
}
