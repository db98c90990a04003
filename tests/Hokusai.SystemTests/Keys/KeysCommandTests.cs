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
        Assert.Equal("KEY_ID\tDISPLAY\tNAME\tUSER\tSCOPES\tSTATUS\tCREATED\tEXPIRES", lines[0]);
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
    public async Task Explain_AKey_TellsRuleByRule()
    {
        await using var hop = await KeysHop.StartAsync();
        using var created = JsonDocument.Parse(await RunAsync(hop, "create", "--name", "ci", "--scope", "mlflow:read", "--json"));
        var id = created.RootElement.GetProperty("key_id").GetString()!;

        Assert.Contains("allowed", await RunAsync(hop, "explain", id, "GET", "/api/mlflow/api/2.0/mlflow/runs/get?run_id=r1"), StringComparison.Ordinal);
        await using var output = new StringWriter();
        Assert.Equal(1, await InvokeAsync(output, "explain", id, "POST", "/api/2.0/mlflow/runs/create", "--json", "--url", hop.Role.Url, "--key", hop.Admin));
        using var refused = JsonDocument.Parse(output.ToString());
        Assert.Equal("HKS-DENY-SCOPE", refused.RootElement.GetProperty("code").GetString());
        Assert.Equal(["route", "network", "scope"], refused.RootElement.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("rule").GetString()!));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Exit_EveryOutcome_HasItsCodeAndOneLine()
    {
        await using var hop = await KeysHop.StartAsync();
        var (_, lesser) = await hop.CreateAsync();
        using var taken = RawServer.Refusing(out var nobody);

        await ExpectAsync(0, "", hop.Admin, "list", "--url", hop.Role.Url);
        await ExpectAsync(1, "answered 403", lesser, "list", "--url", hop.Role.Url);
        await ExpectAsync(1, "answered 401", ApiKey.Mint().Reveal(), "list", "--url", hop.Role.Url);
        await ExpectAsync(1, "answered 404: No key has the id", hop.Admin, "revoke", "key_none", "--url", hop.Role.Url);
        await ExpectAsync(1, "answered 400: scopes: root not known", hop.Admin, "create", "--name", "x", "--scope", "root", "--url", hop.Role.Url);
        await ExpectAsync(2, "no admin key", null, "list", "--url", hop.Role.Url);
        await ExpectAsync(2, "is no key", lesser[..^1], "list", "--url", hop.Role.Url);
        await ExpectAsync(2, "write http://HOST:PORT", hop.Admin, "list", "--url", "nonsense");
        await ExpectAsync(2, "--name", hop.Admin, "create", "--url", hop.Role.Url);
        await ExpectAsync(2, "--colour", hop.Admin, "list", "--colour");
        await ExpectAsync(2, "no key has the id", hop.Admin, "explain", "key_none", "GET", "/version", "--url", hop.Role.Url);
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
        Assert.Equal(0, await InvokeAsync(output, [.. arguments, "--url", hop.Role.Url, "--key", hop.Admin]));
        return output.ToString();
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
