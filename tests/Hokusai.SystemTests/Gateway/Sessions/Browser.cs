using System.Net;
using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Gateway.Sessions;

/// <summary>A browser without scripts: sends what browsers send, keeps cookies, fills in forms.</summary>
internal sealed partial class Browser(HttpClient client)
{
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

    /// <summary>Headers on every request, such as what a load balancer adds.</summary>
    public Dictionary<string, string> Extra { get; } = [];

    /// <summary>What it keeps, by name.</summary>
    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    /// <summary>The session's cookie.</summary>
    public string Session => _cookies.Single(cookie => cookie.Key.EndsWith("hokusai_session", StringComparison.Ordinal)).Value;

    public void Keep(string name, string value) => _cookies[name] = value;

    /// <summary>Goes to a page.</summary>
    public Task<Page> OpenAsync(string path, string site = "none") => SendAsync(HttpMethod.Get, path, null, "text/html,*/*;q=0.8", "navigate", site);

    /// <summary>What a page's script asks for.</summary>
    public Task<Page> FetchAsync(HttpMethod method, string path, string site = "same-origin") =>
        SendAsync(method, path, method == HttpMethod.Get ? null : new StringContent("{}"), "*/*", "cors", site);

    /// <summary>Fills in a page's form and sends it.</summary>
    public Task<Page> SubmitAsync(Page page, string path, Dictionary<string, string> fields, string site = "same-origin")
    {
        foreach (Match hidden in Hidden().Matches(page.Body)) fields.TryAdd(hidden.Groups["name"].Value, WebUtility.HtmlDecode(hidden.Groups["value"].Value));
        return SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields), "text/html,*/*;q=0.8", "navigate", site);
    }

    /// <summary>Opens a page, and signs in where it asks.</summary>
    public async Task<Page> SignInAsync(string path, string key) => await SubmitAsync(await OpenAsync(path), path, new() { ["key"] = key });

    private async Task<Page> SendAsync(HttpMethod method, string path, HttpContent? content, string accept, string mode, string site)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Mode", mode);
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
        foreach (var (name, value) in Extra) request.Headers.TryAddWithoutValidation(name, value);
        if (_cookies.Count > 0) request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var set = answer.Headers.TryGetValues("Set-Cookie", out var values) ? values.ToList() : [];
        foreach (var cookie in set) Keep(cookie);
        return new Page((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Content.Headers.ContentType?.MediaType,
            answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase), set);
    }

    private void Keep(string cookie)
    {
        var pair = cookie.Split(';')[0].Split('=', 2);
        if (cookie.Contains("Max-Age=0", StringComparison.Ordinal)) _cookies.Remove(pair[0]);
        else _cookies[pair[0]] = pair[1];
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\">", RegexOptions.CultureInvariant)]
    private static partial Regex Hidden();
}

/// <summary>What a browser got.</summary>
internal sealed record Page(int Status, string Body, string? Type, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<string> SetCookies)
{
    public bool IsHtml => Type == "text/html";

    public string? Location => Headers.GetValueOrDefault("Location");

    public string Code => Body.Split("\"code\":\"") is [_, var rest, ..] ? rest.Split('"')[0] : "";
}
