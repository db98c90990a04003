using System.Text;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Where a key may stand in a request.</summary>
public sealed class CredentialTests
{
    private const string Search = "/api/mlflow/api/2.0/mlflow/experiments/search";

    public static TheoryData<string, string> Places { get; } = new()
    {
        { "Authorization", "Bearer {0}" },
        { "Authorization", "bearer {0}" },
        { "Authorization", "BEARER   {0}  " },
        { "Authorization", "Bearer \"{0}\"" },
        { "Authorization", "Bearer '{0}'" },
        { "Authorization", "\"Bearer {0}\"" },
        { "Authorization", "ApiKey {0}" },
        { "Authorization", "apikey\t{0}" },
        { "Authorization", "{0}" },
        { "Authorization", "Basic base64(token:{0})" },
        { "Authorization", "Basic base64({0}:)" },
        { "Authorization", "basic  base64({0}:x)" },
        { "Authorization", "Basic base64({0}:{0})" },
        { "Authorization", "Basic base64({0})" },
        { "X-API-Key", "{0}" },
        { "x-api-key", " \"{0}\" " },
    };

    [Theory(Timeout = Deadlines.Test)]
    [MemberData(nameof(Places))]
    public async Task Read_KeyInAnyPlace_IsAccepted(string header, string form)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, $"GET {Search} HTTP/1.1", $"{header}: {Fill(form, hop.Key)}");

        Assert.Equal(200, answer.Status);
        Assert.Equal("Bearer " + hop.Key, hop.Auth.Requests.Single(r => r.Method == "POST").Header("Authorization"));
        Assert.Equal("/api/2.0/mlflow/experiments/search", hop.Upstream.Only.Target);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Authorization: Bearer {0}", "X-API-Key: {1}")]
    [InlineData("Authorization: Bearer {0}", "Authorization: Bearer {1}")]
    [InlineData("X-API-Key: {0}", "x-api-key: {1}")]
    [InlineData("Authorization: Basic base64({0}:{1})", "Accept: */*")]
    public async Task Read_TwoDifferentKeys_AreRefusedAsConflict(string first, string second)
    {
        await using var hop = await GatewayHop.StartAsync();
        var other = ApiKey.Mint().Reveal();

        var answer = await RawClient.SendAsync(hop.Url, $"GET {Search} HTTP/1.1", Fill(first, hop.Key, other), Fill(second, hop.Key, other));

        Assert.Equal(400, answer.Status);
        Assert.Contains("HKS-AUTH-CONFLICT", answer.Body, StringComparison.Ordinal);
        Assert.Equal(0, hop.Validations);
        Assert.Empty(hop.Upstream.Requests);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Authorization: Bearer {0}", "X-API-Key: {0}")]
    [InlineData("Authorization: Bearer {0}", "Authorization: ApiKey {0}")]
    [InlineData("Authorization: Basic base64(token:{0})", "X-API-Key: {0}")]
    public async Task Read_SameKeyTwice_IsAccepted(string first, string second)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, $"GET {Search} HTTP/1.1", Fill(first, hop.Key), Fill(second, hop.Key));

        Assert.Equal(200, answer.Status);
        Assert.Single(hop.Upstream.Requests);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("api_key={0}")]
    [InlineData("filter=x&token={0}&order=y")]
    [InlineData("{0}")]
    [InlineData("x=hk_live_&api_key={0}")]
    [InlineData("escaped")]
    public async Task Read_KeyInTheQuery_IsRefusedAsExposedEvenWithAGoodOneInAHeader(string form)
    {
        await using var hop = await GatewayHop.StartAsync();
        var exposed = ApiKey.Mint().Reveal();
        var query = form == "escaped" ? "k=" + string.Concat(exposed.Select(c => $"%{(int)c:x2}")) : Fill(form, exposed);

        using var answer = await hop.Client().GetAsync(new Uri($"{Search}?{query}", UriKind.Relative), TestContext.Current.CancellationToken);

        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((401, "HKS-AUTH-EXPOSED"), (error.Status, error.Code));
        Assert.Contains("revoke", error.Hint, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, hop.Validations);
        Assert.Empty(hop.Upstream.Requests);
        await hop.Gateway.StopAsync();
        hop.Gateway.Logs.Lacks(exposed);
        hop.Gateway.Logs.Lacks(query);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(null, "HKS-AUTH-MISSING")]
    [InlineData("Authorization: ", "HKS-AUTH-MISSING")]
    [InlineData("Authorization: Bearer ", "HKS-AUTH-MALFORMED")]
    [InlineData("Authorization: Bearer cut:{0}", "HKS-AUTH-MALFORMED")]
    [InlineData("Authorization: Bearer {0}{0}", "HKS-AUTH-MALFORMED")]
    [InlineData("Authorization: Bearer {0}, Bearer {0}", "HKS-AUTH-MALFORMED")]
    [InlineData("Authorization: Basic %%%", "HKS-AUTH-MALFORMED")]
    [InlineData("Authorization: Basic base64(admin:password)", "HKS-AUTH-MALFORMED")]
    [InlineData("Authorization: Digest username=x", "HKS-AUTH-MALFORMED")]
    [InlineData("X-API-Key: secret", "HKS-AUTH-MALFORMED")]
    [InlineData("Cookie: session={0}", "HKS-AUTH-MISSING")]
    [InlineData("X_API_Key: {0}", "HKS-AUTH-MISSING")]
    public async Task Read_NoOrBrokenKey_IsRefusedBeforeAnybodyIsAsked(string? header, string code)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendAsync(hop.Url, $"GET {Search} HTTP/1.1", header is null ? [] : [Fill(header, hop.Key)]);

        Assert.Equal(401, answer.Status);
        Assert.Contains($"\"{code}\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("\"error_code\":\"UNAUTHENTICATED\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate: Basic realm=", answer.Head, StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate: Bearer realm=", answer.Head, StringComparison.Ordinal);
        Assert.Contains("X-Request-Id: ", answer.Head, StringComparison.Ordinal);
        Assert.DoesNotContain(hop.Key, answer.Body, StringComparison.Ordinal);
        Assert.Equal(0, hop.Validations);
        Assert.Empty(hop.Upstream.Requests);
    }

    // {0} and {1} are keys, cut:… loses its last characters, base64(…) is what stands in it.
    private static string Fill(string form, string key, string other = "")
    {
        var text = form.Replace("cut:{0}", key[..^3], StringComparison.Ordinal).Replace("{0}", key, StringComparison.Ordinal).Replace("{1}", other, StringComparison.Ordinal);
        var start = text.IndexOf("base64(", StringComparison.Ordinal);
        if (start < 0) return text;
        var end = text.IndexOf(')', start);
        return text[..start] + Convert.ToBase64String(Encoding.UTF8.GetBytes(text[(start + "base64(".Length)..end])) + text[(end + 1)..];
    }
}
