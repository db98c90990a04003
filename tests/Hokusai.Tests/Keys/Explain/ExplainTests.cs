using System.CommandLine;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Keys;
using Hokusai.Keys.Explain;

namespace Hokusai.Tests.Keys.Explain;

/// <summary><c>hokusai keys explain-request</c>: what is wrong with a request, without a key in what it says.</summary>
public sealed class ExplainTests : IDisposable
{
    private const string Search = "/api/mlflow/api/2.0/mlflow/experiments/search";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-explain-");
    private readonly string _key = ApiKey.Mint().Reveal();

    public static TheoryData<string, string?> Credentials { get; } = new()
    {
        { "Authorization: Bearer {0}", null },
        { "Authorization: bearer \"{0}\"", null },
        { "X-API-Key: {0}", null },
        { "Authorization: Basic base64(token:{0})", null },
        { "Cookie: hokusai_session=abc", null },
        { "Accept: */*", "HKS-AUTH-MISSING" },
        { "Authorization: Bearer cut", "it was cut: it has 36 characters" },
        { "Authorization: Bearer {0}x", "a good key is followed by 1 more" },
        { "Authorization: Bearer {0}{0}", "a good key is followed by 40 more" },
        { "Authorization: Bearer Bearer {0}", "a scheme stands before it twice" },
        { "Authorization: Bearer \u201C{0}\u201D", "typographic quotes" },
        { "Authorization: Bearer {0}\\n", "a line end belongs to it" },
        { "Authorization: Bearer $MLFLOW_TRACKING_TOKEN", "placeholder" },
        { "Authorization: Bearer <KEY>", "placeholder" },
        { "Authorization: Bearer ", "it is empty" },
        { "Authorization: Bearer spaced", "there is a blank in it" },
        { "Authorization: Bearer upper", "not in lower case" },
        { "Authorization: Bearer eyJhbGciOi", "a JSON web token" },
        { "Authorization: Bearer key_123", "a key's id" },
        { "Authorization: Basic base64(admin:secret-word)", "does not start with hk_live_" },
        { "Authorization: Basic base64({0}:{1})", "HKS-AUTH-CONFLICT" },
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Credentials))]
    public async Task Raw_CredentialOfAnyForm_IsExplainedAsTheGatewaySeesIt(string header, string? expected)
    {
        var (code, output) = await ExplainAsync($"GET {Search} HTTP/1.1\r\nHost: h\r\n{Fill(header)}\r\n\r\nbody");

        Assert.Equal(expected is null ? 0 : 1, code);
        Assert.Contains(expected ?? "nothing speaks against it", output, StringComparison.Ordinal);
        Assert.Contains("GET /api/2.0/mlflow/experiments/search, needs mlflow:read", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_MistypedKey_IsAWarningAsItMayBeImported()
    {
        var (code, output) = await ExplainAsync($"GET {Search} HTTP/1.1\nAuthorization: Bearer {_key[..^1]}{(_key[^1] == 'x' ? 'y' : 'x')}");
        Assert.Equal(0, code);
        Assert.Contains("live, checksum wrong", output, StringComparison.Ordinal);
        Assert.Contains("a character was mistyped or changed", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/mlflow/api/2.0/mlflow/nothing", "HKS-ROUTE:")]
    [InlineData("/api/mlflow/api/mlflow/api/2.0/mlflow/runs/get", "stands there twice")]
    [InlineData("/api/2.0/mlflow/runs/create", "HKS-ROUTE-METHOD")]
    [InlineData("/api/2.0/mlflow/runs/get?token={0}", "HKS-AUTH-EXPOSED")]
    [InlineData("/api/v1/keys/validate", "to the auth service")]
    public async Task Raw_WrongTarget_IsExplained(string target, string expected)
    {
        var (code, output) = await ExplainAsync($"GET {Fill(target)} HTTP/1.1\nAuthorization: Bearer {_key}");
        Assert.Equal(1, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curl_RedirectToAnotherHost_ShowsWhereTheKeyWasLost()
    {
        var (code, output) = await ExplainAsync($"""
            *   Trying 192.0.2.1:80...
            > GET {Search} HTTP/1.1
            > Host: old.example
            > Authorization: Bearer {_key}
            >
            < HTTP/1.1 301 Moved Permanently
            < Location: https://new.example{Search}
            <
            * Issue another request to this URL
            > GET {Search} HTTP/1.1
            > Host: new.example
            > Accept: */*
            >
            < HTTP/1.1 401 Unauthorized
            """);

        Assert.Equal(1, code);
        Assert.Contains("the credential was dropped on the way: old.example sent the client on to new.example", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split("  verdict ").Length - 1);
    }

    [Fact]
    public async Task Har_RequestsOfABrowser_AreExplainedAsJson()
    {
        var har = $$"""
            {"log":{"entries":[
              {"request":{"method":"POST","url":"https://h.example{{Search}}","headers":[{"name":":authority","value":"h.example"},{"name":"sec-fetch-mode","value":"cors"}]},"response":{"status":401,"redirectURL":""} },
              {"request":{"method":"GET","url":"https://h.example/version","headers":[{"name":"Authorization","value":"Bearer {{_key}}"}]} }]} }
            """;

        var (code, output) = await ExplainAsync(har, "--json");

        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        var (first, second) = (json.RootElement[0], json.RootElement[1]);
        Assert.Equal((false, "HKS-AUTH-MISSING"), (first.GetProperty("accepted").GetBoolean(), first.GetProperty("code").GetString()));
        Assert.Contains("leave credentials and cookies out", first.GetProperty("remarks")[1].GetProperty("what").GetString(), StringComparison.Ordinal);
        Assert.Equal((true, "Authorization: Bearer", "live"), (second.GetProperty("accepted").GetBoolean(), second.GetProperty("place").GetString(), second.GetProperty("environment").GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("{\"log\":{\"entries\":[{\"request\":7}]}}")]
    [InlineData("{\"log\":")]
    public async Task Dump_WithoutARequest_IsUsage(string text) => Assert.Equal(2, (await Assert.ThrowsAsync<CommandFailure>(() => ExplainAsync(text))).ExitCode);

    [Theory]
    [InlineData("TOKEN={0}", true, "Authorization: Bearer, live, checksum right")]
    [InlineData("TOKEN={0};USERNAME=ada;PASSWORD=secret-word", false, "two credentials are set: MLflow sends MLFLOW_TRACKING_USERNAME")]
    [InlineData("USERNAME=ada;PASSWORD={0}", true, "Authorization: Basic, password")]
    [InlineData("TOKEN={0};USERNAME=ada", true, "MLflow sends neither but the token")]
    [InlineData("USERNAME=ada", false, "HKS-AUTH-MISSING")]
    [InlineData("TOKEN=line", false, "a line end belongs to it")]
    [InlineData("TOKEN={0};URI=https://user:{0}@h.example/api/mlflow", false, "the address holds a credential")]
    [InlineData("TOKEN={0};URI=https://h.example/api/mlflow/#/experiments/1", false, "a page of the browser")]
    [InlineData("TOKEN={0};URI=https://h.example/api/mlflow/api/2.0/mlflow", false, "MLflow appends /api/2.0 itself")]
    [InlineData("TOKEN={0};URI=https://h.example/mlflow", true, "goes past the gateway")]
    [InlineData("TOKEN={0};URI=https://h.example/wrong", false, "HKS-ROUTE")]
    [InlineData("TOKEN={0};URI=http://h.example/api/mlflow", true, "travels in the clear")]
    [InlineData("TOKEN={0};AWS_SIGV4=true", false, "sign for AWS")]
    [InlineData("TOKEN={0};HTTPS_PROXY=http://user:secret-word@proxy:3128", true, "through the proxy proxy:3128")]
    [InlineData("TOKEN={0};HTTPS_PROXY=http://proxy:3128;NO_PROXY=.example", true, "nothing speaks against it")]
    [InlineData("TOKEN={0};netrc", false, "netrc has an entry for h.example")]
    public async Task Environment_OfAClient_IsExplainedAsMlflowWouldSendIt(string setting, bool accepted, string expected)
    {
        var variables = Variables(setting);
        if (setting.EndsWith("netrc", StringComparison.Ordinal)) File.WriteAllText(Path.Combine(_folder.FullName, ".netrc"), $"machine h.example\n  login x password {_key}\n");

        var explanation = Assert.Single(Explanation.Of([new ClientEnvironment(variables.GetValueOrDefault).Read()]));

        await using var output = new StringWriter();
        await ExplainOutput.WriteTextAsync(output, [explanation]);
        Assert.Contains(expected, output.ToString(), StringComparison.Ordinal);
        Assert.Equal(accepted, explanation.IsAccepted);
        foreach (var secret in (string[])[_key, _key[12..], "secret-word"]) Assert.DoesNotContain(secret, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("URI=")]
    [InlineData("URI=mlruns")]
    [InlineData("URI=sqlite:///a.db")]
    [InlineData("URI=databricks")]
    public void Environment_WithoutAServer_IsUsage(string setting)
    {
        var variables = Variables(setting);
        Assert.Equal(2, Assert.Throws<CommandFailure>(new ClientEnvironment(variables.GetValueOrDefault).Read).ExitCode);
    }

    [Fact]
    public void Environment_CredentialsFile_CountsLikeTheVariables()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, ".mlflow"));
        File.WriteAllText(Path.Combine(_folder.FullName, ".mlflow", "credentials"), $"[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = {_key}\n");

        var explanation = Assert.Single(Explanation.Of([new ClientEnvironment(Variables("TOKEN=other").GetValueOrDefault).Read()]));

        Assert.Equal("Authorization: Basic, password", explanation.Seen.Place);
        Assert.Contains(explanation.Remarks, remark => remark.What.StartsWith("two credentials are set", StringComparison.Ordinal));
    }

    private Dictionary<string, string> Variables(string setting)
    {
        var variables = new Dictionary<string, string> { ["HOME"] = _folder.FullName, ["MLFLOW_TRACKING_URI"] = "https://h.example/api/mlflow" };
        foreach (var pair in setting.Split(';').Select(part => part.Split('=', 2)).Where(pair => pair.Length == 2))
            variables[pair[0].EndsWith("PROXY", StringComparison.Ordinal) ? pair[0] : "MLFLOW_TRACKING_" + pair[0]] = pair[1] == "line" ? _key + "\n" : Fill(pair[1]);
        return variables;
    }

    private async Task<(int Code, string Output)> ExplainAsync(string text, params string[] flags)
    {
        var file = Path.Combine(_folder.FullName, "dump");
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        await using var output = new StringWriter();
        var code = await KeysCommand.Create().Parse(["explain-request", file, .. flags]).InvokeAsync(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
        foreach (var secret in (string[])[_key, _key[12..]]) Assert.DoesNotContain(secret, output.ToString(), StringComparison.Ordinal);
        return (code, output.ToString());
    }

    private string Fill(string form)
    {
        var text = form.Replace("{0}", _key, StringComparison.Ordinal).Replace("{1}", ApiKey.Mint().Reveal(), StringComparison.Ordinal)
            .Replace("Bearer cut", "Bearer " + _key[..36], StringComparison.Ordinal).Replace("Bearer upper", "Bearer HK_LIVE_" + _key[8..], StringComparison.Ordinal).Replace("Bearer spaced", $"Bearer {_key[..20]} {_key[20..]}", StringComparison.Ordinal);
        var start = text.IndexOf("base64(", StringComparison.Ordinal);
        return start < 0 ? text : text[..start] + Convert.ToBase64String(Encoding.UTF8.GetBytes(text[(start + 7)..^1]));
    }
}
