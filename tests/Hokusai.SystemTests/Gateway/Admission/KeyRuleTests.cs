using System.Diagnostics;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Admission;

/// <summary>What goes for a good key besides its scopes: the deny list, its networks, its end, and what is told of its use.</summary>
public sealed class KeyRuleTests
{
    private static readonly Uri Search = new("/api/2.0/mlflow/experiments/search", UriKind.Relative);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    [Fact(Timeout = Deadlines.Test)]
    public async Task DenyList_FileChanges_TakesEffectWithinTwoSecondsWhateverIsRememberedAndIsLiftedAgain()
    {
        using var folder = new TestFolder();
        var file = folder.PathOf("denied");
        await ReplaceAsync(file, "");
        await using var hop = await GatewayHop.StartAsync(configure: o => o with { Verdicts = new VerdictOptions { DenyListFile = file } });
        var client = hop.Client();
        var display = ApiKey.TryParse(hop.Key, out var key) ? key.Display : "";
        Assert.Equal(200, await StatusAsync(client));
        for (var i = 0; i < 2; i++)
        {
            var line = i == 0 ? "key_1" : display;
            var took = await Prompt.BestAsync(Bound, async () =>
            {
                await TakesEffectAsync(file, "", client, 200);
                return await TakesEffectAsync(file, $"# leaked\n{line}\n", client, 401);
            });
            Assert.InRange(took, TimeSpan.Zero, Bound);
            using (var answer = await client.GetAsync(Search, TestContext.Current.CancellationToken)) Assert.Equal("HKS-AUTH-BLOCKED", (await ErrorAnswer.ReadAsync(answer)).Code);

            // A broken line, and no file at all: the last good list stays.
            await ReplaceAsync(file, "two words\n");
            await hop.Gateway.Logs.HasAsync(i + 1, "DenyListBroken");
            File.Delete(file);
            await hop.Gateway.Logs.HasAsync(i + 1, "DenyListUnreadable");
            Assert.Equal(401, await StatusAsync(client));

            Assert.InRange(await Prompt.BestAsync(Bound, async () =>
            {
                await TakesEffectAsync(file, $"{line}\n", client, 401);
                return await TakesEffectAsync(file, "", client, 200);
            }), TimeSpan.Zero, Bound);
        }
    }

    [Theory]
    [InlineData("203.0.113.9", 200)]
    [InlineData("203.0.113.9, 10.1.1.1", 200)]
    [InlineData("198.51.100.1", 403)]
    [InlineData("203.0.113.9, 198.51.100.1", 403)]
    [InlineData("203.0.113.9, rubbish", 403)]
    [InlineData(null, 403)]
    public async Task AllowedNetworks_ClientAddressThroughTheChain_Decides(string? forwarded, int expected)
    {
        await using var hop = await GatewayHop.StartAsync(validate: Says(key => key with { AllowedNetworks = ["203.0.113.0/24", "2001:db8::/32"] }));
        var client = hop.Client();
        if (forwarded is not null) client.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", forwarded);

        using var answer = await client.GetAsync(Search, TestContext.Current.CancellationToken);

        Assert.Equal(expected, (int)answer.StatusCode);
        if (expected != 403) return;
        Assert.Equal("HKS-DENY-ADDRESS", (await ErrorAnswer.ReadAsync(answer)).Code);
        await hop.Gateway.StopAsync();
        await hop.Gateway.Logs.HasAsync(e => e.Contains("failed at AddressDenied HKS-DENY-ADDRESS", StringComparison.Ordinal) && e.Contains("Chain=" + (forwarded is null ? "127.0.0.1" : forwarded + ", 127.0.0.1"), StringComparison.Ordinal)
            && e.Contains("AuthStatus=200", StringComparison.Ordinal) && e.Contains($"KeyDisplay={hop.Key[..12]}…", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(13, true)]
    [InlineData(15, false)]
    public async Task Expiry_KeyThatEndsSoon_IsToldWithEachAnswerAndOnceInTheLog(int days, bool told)
    {
        var end = TimeProvider.System.GetUtcNow().AddDays(days);
        await using var hop = await GatewayHop.StartAsync(validate: Says(key => key with { ExpiresAt = end }));
        for (var i = 0; i < 3; i++)
        {
            using var answer = await hop.Client().GetAsync(Search, TestContext.Current.CancellationToken);
            Assert.Equal(told, answer.Headers.TryGetValues("Hokusai-Key-Expires", out var values));
            if (told) Assert.Equal(end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), Assert.Single(values!));
        }

        await hop.Gateway.Logs.HasAsync(told ? 1 : 0, "KeyEndsSoon");
    }

    [Fact]
    public async Task Uses_AtTheEnd_AreToldWithRefusals()
    {
        var told = new TaskCompletionSource<KeyUses>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = await GatewayHop.StartAsync(
            validate: GatewayHop.Good(scopes: Scopes.Read),
            uses: async http =>
            {
                told.SetResult((await JsonSerializer.DeserializeAsync(http.Request.Body, KeyValidationJson.Default.KeyUses))!);
                http.Response.StatusCode = 204;
            });
        var client = hop.Client();
        client.DefaultRequestHeaders.Add("User-Agent", "mlflow-python-client/3.4.0");
        for (var i = 0; i < 3; i++) Assert.Equal(200, await StatusAsync(client));
        using (await client.PostAsync("/api/2.0/mlflow/runs/log-metric", new StringContent("{}"), TestContext.Current.CancellationToken)) { }
        await hop.Gateway.StopAsync();

        var report = await told.Task.InTime();
        var use = Assert.Single(report.Uses);
        Assert.Equal(("key_1", "127.0.0.1", "mlflow-python-client/3.4.0", 3L), (use.KeyId, use.ClientIp, use.Client, use.Count));
        var refusal = Assert.Single(report.Denials!);
        Assert.Equal(("HKS-DENY-SCOPE", "key_1", hop.Key[..12] + "…", 1L), (refusal.Reason, refusal.KeyId, refusal.Display, refusal.Count));
    }

    private static RequestDelegate Says(Func<ValidatedKey, ValidatedKey> change) =>
        ScriptedServer.Answer(200, JsonSerializer.Serialize(change(new ValidatedKey("ada", "key_1", "hokusai-gateway", Scopes.All)), KeyValidationJson.Default.ValidatedKey));

    // In one step: a list that is read while it is written anew would be an empty one.
    private static async Task ReplaceAsync(string file, string text)
    {
        await File.WriteAllTextAsync(file + ".new", text, TestContext.Current.CancellationToken);
        File.Move(file + ".new", file, overwrite: true);
    }

    private static async Task<TimeSpan> TakesEffectAsync(string file, string text, HttpClient client, int status)
    {
        await ReplaceAsync(file, text);
        var since = Stopwatch.StartNew();
        await Until.TrueAsync($"the list leads to {status}", TimeSpan.FromSeconds(20), async () => await StatusAsync(client) == status);
        return since.Elapsed;
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Search, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
