using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway;
using Hokusai.Keys;
using Hokusai.Keys.Administration;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Keys that the auth service does not take, with the real auth service.</summary>
public sealed class KeyRefusalTests
{
    private const string Search = "api/2.0/mlflow/experiments/search";

    [Fact(Timeout = Deadlines.Test)]
    public async Task Admit_UnknownKey_IsRefusedAsUnknown()
    {
        await using var upstream = await ScriptedServer.StartAsync(keeps: GatewayHop.IsNoCheck);
        await using var stack = await TestStack.StartAsync(upstream.Url);

        var error = await RefusedAsync(stack, upstream, ApiKey.Mint().Reveal(), "HKS-AUTH-UNKNOWN");

        Assert.Contains("was not issued here", error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Admit_KeyWithWrongChecksum_IsToldFromAnUnknownOne()
    {
        await using var upstream = await ScriptedServer.StartAsync(keeps: GatewayHop.IsNoCheck);
        await using var stack = await TestStack.StartAsync(upstream.Url);
        var last = stack.Key[^1];

        var error = await RefusedAsync(stack, upstream, stack.Key[..^1] + (last == 'x' ? 'y' : 'x'), "HKS-AUTH-UNKNOWN");

        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Admit_KeyRevokedBeforeItsFirstUse_IsRefusedAsRevoked()
    {
        await using var upstream = await ScriptedServer.StartAsync(keeps: GatewayHop.IsNoCheck);
        await using var stack = await TestStack.StartAsync(upstream.Url);
        var admin = stack.Client(stack.KeysAdminUrl, stack.Key);
        var key = await CreateAsync(admin, new CreateKeyRequest("short-lived"));
        await RevokeAsync(admin, key.KeyId);

        var error = await RefusedAsync(stack, upstream, key.Key!, "HKS-AUTH-REVOKED");

        Assert.Contains("revoked on", error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Admit_KeyInUseIsRevoked_IsRefusedWithinTwoSeconds()
    {
        await using var upstream = await ScriptedServer.StartAsync(keeps: GatewayHop.IsNoCheck);
        await using var stack = await TestStack.StartAsync(upstream.Url);
        var admin = stack.Client(stack.KeysAdminUrl, stack.Key);
        HttpClient client = null!;

        var took = await Prompt.BestAsync(TimeSpan.FromSeconds(2), async () =>
        {
            var key = await CreateAsync(admin, new CreateKeyRequest("in use"));
            client = stack.Client(key: key.Key);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
            await RevokeAsync(admin, key.KeyId);
            var since = Stopwatch.StartNew();
            await Until.TrueAsync("the revoked key is refused", TimeSpan.FromSeconds(20), async () => await StatusAsync(client) == HttpStatusCode.Unauthorized);
            return since.Elapsed;
        });

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        var before = upstream.Requests.Count;
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client));
        Assert.Equal(before, upstream.Requests.Count);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Admit_ExpiredKey_IsRefusedAsExpiredEvenWithARememberedVerdict()
    {
        using var folder = new TestFolder();
        var time = new ShiftedTime();
        await using var upstream = await ScriptedServer.StartAsync(keeps: GatewayHop.IsNoCheck);
        await using var keys = await TestRole.KeysAsync(new KeysOptions { StoreUri = folder.Sqlite("keys.db"), PepperFile = folder.PathOf("pepper") }, time);
        await using var gateway = await TestRole.GatewayAsync(new GatewayOptions { Upstream = upstream.Url, AuthService = keys.Url, VerdictLifetime = TimeSpan.FromHours(1), StaleVerdictLifetime = TimeSpan.FromHours(24) }, time);
        var key = await CreateAsync(keys.AdminClient(keys.FirstKey), new CreateKeyRequest("one day", ExpiresInDays: 1));
        var client = gateway.Client(key.Key);
        time.Advance(TimeSpan.FromMinutes(23.5 * 60));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));

        time.Advance(TimeSpan.FromMinutes(31));

        using var answer = await client.GetAsync(new Uri(Search, UriKind.Relative), TestContext.Current.CancellationToken);
        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((401, "UNAUTHENTICATED", "HKS-AUTH-EXPIRED"), (error.Status, error.ErrorCode, error.Code));
        Assert.Single(upstream.Requests);
    }

    private static async Task<ErrorAnswer> RefusedAsync(TestStack stack, ScriptedServer upstream, string key, string code)
    {
        using var answer = await stack.Client(key: key).GetAsync(new Uri(Search, UriKind.Relative), TestContext.Current.CancellationToken);
        var error = await ErrorAnswer.ReadAsync(answer);
        Assert.Equal((401, "UNAUTHENTICATED", code), (error.Status, error.ErrorCode, error.Code));
        Assert.Contains("keys create", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain(key, error.Message, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
        return error;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri(Search, UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<KeyDescription> CreateAsync(HttpClient admin, CreateKeyRequest request)
    {
        using var answer = await admin.PostAsJsonAsync("api/v1/keys", request, KeyJson.Default.CreateKeyRequest, TestContext.Current.CancellationToken);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(KeyJson.Default.KeyDescription, TestContext.Current.CancellationToken))!;
    }

    private static async Task RevokeAsync(HttpClient admin, string id)
    {
        using var answer = await admin.PostAsync(new Uri($"api/v1/keys/{id}/revoke", UriKind.Relative), null, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
