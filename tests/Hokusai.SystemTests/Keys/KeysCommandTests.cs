using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary><c>hokusai keys</c> against a listening auth service.</summary>
public sealed class KeysCommandTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Run_CreateListRevoke_DoesWhatItSays()
    {
        await using var hop = await KeysHop.StartAsync();

        var created = await RunAsync(hop, "create", "--name", "ci", "--user", "ada", "--scope", "mlflow:read", "--scope", "model:write", "--days", "30");
        var key = created.Split("MLFLOW_TRACKING_TOKEN=")[1].Trim();
        var (_, verdict) = await hop.ValidateAsync(key);
        var id = verdict.GetProperty("key_id").GetString()!;
        Assert.Contains($"Key {id} for ada with mlflow:read, model:write, until ", created, StringComparison.Ordinal);

        var lines = (await RunAsync(hop, "list")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal("KEY_ID\tDISPLAY\tNAME\tUSER\tSCOPES\tSTATUS\tCREATED\tEXPIRES\tENVIRONMENT\tLAST_USED\tFROM\tCLIENT\tUSES\tLIMITS\tSUCCESSOR\tENDED\tEMAIL", lines[0]);
        Assert.StartsWith($"{id}\t{key[..12]}…\tci\tada\tmlflow:read,model:write\tactive\t", Assert.Single(lines, l => l.StartsWith(id, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(lines, l => l.Contains(key, StringComparison.Ordinal));

        Assert.Equal($"Key {id} ({key[..12]}…, ci) is revoked.", (await RunAsync(hop, "revoke", id)).Trim());
        Assert.Equal(401, (await hop.ValidateAsync(key)).Status);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Run_WithJson_HoldsTheSame()
    {
        await using var hop = await KeysHop.StartAsync();

        using var created = JsonDocument.Parse(await RunAsync(hop, "create", "--name", "ci", "--test", "--json"));
        var key = created.RootElement.GetProperty("key").GetString()!;
        var id = created.RootElement.GetProperty("key_id").GetString()!;
        using var list = JsonDocument.Parse(await RunAsync(hop, "list", "--json"));
        using var revoked = JsonDocument.Parse(await RunAsync(hop, "revoke", id, "--json"));

        Assert.StartsWith(ApiKey.TestPrefix, key, StringComparison.Ordinal);
        Assert.Equal([hop.Admin[..12] + "…", key[..12] + "…"], list.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("display").GetString()!));
        Assert.Equal((id, "revoked"), (revoked.RootElement.GetProperty("key_id").GetString(), revoked.RootElement.GetProperty("status").GetString()));
        Assert.False(revoked.RootElement.TryGetProperty("key", out _));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Run_ShowRotateDisableEnable_DoesWhatItSays()
    {
        await using var hop = await KeysHop.StartAsync();
        using var created = JsonDocument.Parse(await RunAsync(
            hop, "create", "--name", "ci", "--user", "ada", "--email", "ada@example.org", "--environment", "production", "--rate-limit", "60", "--network", "10.0.0.0/8",
            "--experiment", "churn-*", "--model", "!*-secret", "--bytes-per-day", "1000", "--runs-per-day", "5", "--json"));
        var (id, key) = (created.RootElement.GetProperty("key_id").GetString()!, created.RootElement.GetProperty("key").GetString()!);

        var shown = await RunAsync(hop, "show", id);
        foreach (var text in (string[])[id, key[..12], "ci", "ada@example.org", "production", "60 requests an hour", "10.0.0.0/8", "churn-*", "!*-secret", "1000", "5", "never", "active"]) Assert.Contains(text, shown, StringComparison.Ordinal);
        Assert.Equal($"Key {id} ({key[..12]}…, ci) is disabled.", (await RunAsync(hop, "disable", id)).Trim());
        Assert.Contains("disabled ", await RunAsync(hop, "show", id), StringComparison.Ordinal);
        Assert.Equal($"Key {id} ({key[..12]}…, ci) is active.", (await RunAsync(hop, "enable", id)).Trim());

        var rotated = await RunAsync(hop, "rotate", id, "--overlap", "2h");
        var successor = (await hop.ValidateAsync(rotated.Split("MLFLOW_TRACKING_TOKEN=")[1].Trim())).Body.GetProperty("key_id").GetString();
        Assert.Contains($"Key {successor} takes the place of {id}, which works beside it until ", rotated, StringComparison.Ordinal);
        var row = Assert.Single((await RunAsync(hop, "list", "--status", "rotating", "--owner", "ada")).Split('\n'), line => line.StartsWith(id, StringComparison.Ordinal)).TrimEnd().Split('\t');
        Assert.Equal(("rate=60 networks=10.0.0.0/8 experiments=churn-* models=!*-secret bytes=1000 runs=5", true), (row[13], row[14].StartsWith(successor + " 2", StringComparison.Ordinal)));
        Assert.Contains("which has ended", await RunAsync(hop, "rotate", successor!, "--overlap", "0"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Run_ImportAndLeakedFromStandardInput_TakeNoKeyAsAnArgument()
    {
        await using var hop = await KeysHop.StartAsync();
        var (first, second) = (ApiKey.Mint().Reveal(), ApiKey.Mint().Reveal());

        var (code, output, _) = await InputAsync($"{first}\n{second}\n{first}\n", hop.Admin, "import", "--stdin", "--url", hop.Role.AdminUrl);
        Assert.Equal(0, code);
        Assert.Contains("line 3: ", output, StringComparison.Ordinal);
        Assert.EndsWith("2 imported, 1 there already.", output.Trim(), StringComparison.Ordinal);

        (code, output, var errors) = await InputAsync($"{first[..^1]}\nfoo", hop.Admin, "import", "--stdin", "--url", hop.Role.AdminUrl);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("2 lines can't be imported, so none was.", errors, StringComparison.Ordinal);
        Assert.Contains("  line 1: key: it has 39 characters", errors, StringComparison.Ordinal);
        Assert.Contains("  line 2: key: it does not start with", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(first[8..^1], errors, StringComparison.Ordinal);

        // No admin key, and at either address.
        (code, output, _) = await InputAsync(first + "\n", null, "revoke", "--leaked", "--url", hop.Role.AdminUrl);
        Assert.Equal((0, true), (code, output.Contains("is revoked", StringComparison.Ordinal)));
        Assert.Equal(0, (await InputAsync(second, null, "revoke", "--leaked", "--url", hop.Role.Url)).Code);
        foreach (var key in (string[])[first, second]) Assert.Equal("KEY_REVOKED", (await hop.ValidateAsync(key)).Body.GetProperty("error_code").GetString());
        Assert.Equal(2, (await InputAsync("", null, "revoke", "--leaked", "--url", hop.Role.AdminUrl)).Code);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Explain_AKey_TellsRuleByRule()
    {
        await using var hop = await KeysHop.StartAsync();
        using var created = JsonDocument.Parse(await RunAsync(hop, "create", "--name", "ci", "--scope", "mlflow:read", "--json"));
        var id = created.RootElement.GetProperty("key_id").GetString()!;

        Assert.Contains("allowed", await RunAsync(hop, "explain", id, "GET", "/api/mlflow/api/2.0/mlflow/runs/get?run_id=r1"), StringComparison.Ordinal);
        await using var output = new StringWriter();
        Assert.Equal(1, await InvokeAsync(output, "explain", id, "POST", "/api/2.0/mlflow/runs/create", "--json", "--url", hop.Role.AdminUrl, "--key", hop.Admin));
        using var refused = JsonDocument.Parse(output.ToString());
        Assert.Equal("HKS-DENY-SCOPE", refused.RootElement.GetProperty("code").GetString());
        Assert.Equal(["route", "network", "scope"], refused.RootElement.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("rule").GetString()!));
    }

    // A process for each outcome, one after the other.
    [Fact(Timeout = 4 * Deadlines.Test)]
    public async Task Exit_EveryOutcome_HasItsCodeAndOneLine()
    {
        await using var hop = await KeysHop.StartAsync();
        var (_, lesser) = await hop.CreateAsync();
        using var taken = RawServer.Refusing(out var nobody);

        await ExpectAsync(0, "", hop.Admin, "list", "--url", hop.Role.AdminUrl);
        await ExpectAsync(1, "answered 403", lesser, "list", "--url", hop.Role.AdminUrl);
        await ExpectAsync(1, "answered 401", ApiKey.Mint().Reveal(), "list", "--url", hop.Role.AdminUrl);
        await ExpectAsync(1, "answered 404: No key has the id", hop.Admin, "revoke", "key_none", "--url", hop.Role.AdminUrl);
        await ExpectAsync(1, "answered 400: scopes: root not known", hop.Admin, "create", "--name", "x", "--scope", "root", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "no admin key", null, "list", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "is no key", lesser[..^1], "list", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "write http://HOST:PORT", hop.Admin, "list", "--url", "nonsense");
        await ExpectAsync(2, "--name", hop.Admin, "create", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "--colour", hop.Admin, "list", "--colour");
        await ExpectAsync(1, "answered 400: status: 'gone', must be one of", hop.Admin, "list", "--status", "gone", "--url", hop.Role.AdminUrl);
        await ExpectAsync(1, "answered 404: No key has the id", hop.Admin, "show", "key_none", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "overlap '24:00:00': write a number with s, m, h or d", hop.Admin, "rotate", "key_1", "--overlap", "24:00:00", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "revoke takes the id of a key, or --leaked", hop.Admin, "revoke", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "revoke takes the id of a key, or --leaked", hop.Admin, "revoke", "key_1", "--leaked", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "import takes --file FILE or --stdin", hop.Admin, "import", "--url", hop.Role.AdminUrl);
        await ExpectAsync(2, "file '/nowhere/keys': can't be read", hop.Admin, "import", "--file", "/nowhere/keys", "--url", hop.Role.AdminUrl);
        await ExpectAsync(1, "answered 404: No key has the id", hop.Admin, "explain", "key_none", "GET", "/version", "--url", hop.Role.AdminUrl);
        await ExpectAsync(3, "can't be reached", hop.Admin, "list", "--url", nobody);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("<html>hello</html>", 200, "does not speak JSON")]
    [InlineData("[]", 200, "does not speak JSON")]
    [InlineData("<html>502</html>", 502, "answered 502")]
    public async Task Run_SomethingElseAnswers_IsSaidInOneLine(string body, int status, string expected)
    {
        await using var other = await ScriptedServer.StartAsync(ScriptedServer.Answer(status, body, "text/html"));

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => InvokeAsync(TextWriter.Null, "list", "--url", other.Url, "--key", ApiKey.Mint().Reveal()));

        Assert.Equal(1, failure.ExitCode);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(KeysHop hop, params string[] arguments)
    {
        await using var output = new StringWriter();
        Assert.Equal(0, await InvokeAsync(output, [.. arguments, "--url", hop.Role.AdminUrl, "--key", hop.Admin]));
        return output.ToString();
    }

    private static async Task<(int Code, string Output, string Errors)> InputAsync(string input, string? key, params string[] arguments)
    {
        var start = new ProcessStartInfo(HokusaiProcess.Executable, ["keys", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("MLFLOW_TRACKING_TOKEN");
        start.Environment["HOKUSAI_API_KEY"] = key;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).InTime();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();
        return (process.ExitCode, await output, errors);
    }

    private static Task<int> InvokeAsync(TextWriter output, params string[] arguments) =>
        KeysCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);

    // As a process: exit codes are its own. The key goes by the environment, as it should.
    private static async Task ExpectAsync(int code, string error, string? key, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [Path.Combine(AppContext.BaseDirectory, "hokusai.dll"), "keys", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("MLFLOW_TRACKING_TOKEN");
        start.Environment["HOKUSAI_API_KEY"] = key;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).InTime();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();

        Assert.Equal((code, code == 0), (process.ExitCode, (await output).Length > 0));
        Assert.Contains(error, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        if (key is not null) Assert.DoesNotContain(key, said + await output, StringComparison.Ordinal);
    }
}
