using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Journeys;

/// <summary><c>hokusai verify</c> as people run it.</summary>
public sealed class VerifyCommandTests
{
    private const int Deadline = 120_000;

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(30);

    [Fact(Timeout = Deadline)]
    public async Task Verify_RunningChain_PassesEveryStepAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));

        var (code, output, errors) = await HokusaiProcess.RunAsync(null, null, "verify", "--url", up.ClientUrl, "--key", up.Key, "--json");

        Assert.True(code == 0, output + errors);
        var report = JsonDocument.Parse(Assert.Single(output.Split('\n'))).RootElement;
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.Equal(up.ClientUrl, report.GetProperty("tracking_url").GetString());
        var steps = report.GetProperty("steps").EnumerateArray().Select(step => (Name: step.GetProperty("name").GetString()!, Outcome: step.GetProperty("outcome").GetString())).ToList();
        Assert.All(steps, step => Assert.Equal("passed", step.Outcome));
        foreach (var part in (string[])["experiment", "run", "param", "metric", "artifact", "logged model", "registered", "version", "alias", "download", "removed", "gone"])
            Assert.Contains(steps, step => step.Name.Contains(part, StringComparison.Ordinal));
        Assert.DoesNotContain(up.Key, output + errors, StringComparison.Ordinal);
        await AssertNothingLeftAsync(up, folder);
    }

    [Fact(Timeout = Deadline)]
    public async Task Verify_AddressWithoutPathAndKeyFromTheEnvironment_Passes()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));

        var (code, output, errors) = await HokusaiProcess.RunAsync(null, new Dictionary<string, string> { ["MLFLOW_TRACKING_TOKEN"] = up.Key }, "verify", "--url", up.EdgeUrl);

        Assert.True(code == 0, output + errors);
        Assert.Contains(", 0 failed, 0 skipped in ", output.Split('\n')[^1], StringComparison.Ordinal);
        await AssertNothingLeftAsync(up, folder);
    }

    [Fact(Timeout = Deadline)]
    public async Task Verify_KeyThatIsNotValid_FailsWithTheReason()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        var unknown = ApiKey.Mint().Reveal();
        var revoked = await CreateAndRevokeKeyAsync(up);

        foreach (var (key, reason) in ((string, string)[])[(unknown, "unknown"), (revoked, "revoked"), (up.Key[..^1], "characters")])
        {
            up.Process.RememberKey(key);
            var (code, output, errors) = await HokusaiProcess.RunAsync(null, null, "verify", "--url", up.ClientUrl, "--key", key);

            Assert.Equal(1, code);
            var failed = Assert.Single(output.Split('\n'), line => line.StartsWith('✗'));
            Assert.Contains("401", failed, StringComparison.Ordinal);
            Assert.Contains(reason, failed, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(key, output + errors, StringComparison.Ordinal);
        }
        await AssertNothingLeftAsync(up, folder);
    }

    [Fact(Timeout = Deadline)]
    public async Task Verify_NothingListens_IsNotReachable()
    {
        using var closed = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        closed.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));

        var (code, output, _) = await HokusaiProcess.RunAsync(null, null, "verify", "--url", $"http://{closed.LocalEndPoint}", "--key", ApiKey.Mint().Reveal());

        Assert.Equal(3, code);
        Assert.Contains(closed.LocalEndPoint!.ToString()!, output, StringComparison.Ordinal);
        Assert.Contains("refused", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact(Timeout = Deadline)]
    public async Task Verify_OwnStack_PassesWithinThirtySecondsAndLeavesNoFolder()
    {
        using var temporary = new TemporaryFolder();
        var best = await Prompt.BestAsync(Promised, async () =>
        {
            var begun = TimeProvider.System.GetTimestamp();
            var (code, output, errors) = await HokusaiProcess.RunAsync(temporary.Path, new Dictionary<string, string> { ["TMPDIR"] = temporary.Path }, "verify");
            var took = TimeProvider.System.GetElapsedTime(begun);
            Assert.True(code == 0, output + errors);
            Assert.Empty(Directory.GetFileSystemEntries(temporary.Path, "hokusai-verify-*"));
            Assert.Empty(errors);
            return took;
        });

        Assert.InRange(best, TimeSpan.Zero, Promised);
    }

    private static async Task<string> CreateAndRevokeKeyAsync(UpProcess up)
    {
        var environment = new Dictionary<string, string> { ["HOKUSAI_API_KEY"] = up.Key };
        var created = await HokusaiProcess.RunAsync(null, environment, "keys", "create", "--name", "soon revoked", "--url", up.KeysAdminUrl, "--json");
        Assert.True(created.Code == 0, created.Errors);
        var key = JsonDocument.Parse(created.Output).RootElement;
        var revoked = await HokusaiProcess.RunAsync(null, environment, "keys", "revoke", key.GetProperty("key_id").GetString()!, "--url", up.KeysAdminUrl);
        Assert.True(revoked.Code == 0, revoked.Errors);
        return key.GetProperty("key").GetString()!;
    }

    private static async Task AssertNothingLeftAsync(UpProcess up, TemporaryFolder folder)
    {
        var calls = up.Client();
        var experiments = (await calls.PostAsync("experiments/search", new { max_results = 100 })).Ok().Json.GetProperty("experiments");
        Assert.Equal("Default", Assert.Single(experiments.EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("{}", (await calls.GetAsync("registered-models/search")).Ok().Body);
        Assert.Empty(folder.FilesBelow("data", "artifacts"));
    }
}
