using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Limits;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Limits;

/// <summary>Attempts with bad keys from one address, on a clock that stands still.</summary>
public sealed class FailedAttemptTests
{
    private const int Burst = 5;

    private readonly HeldTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentDictionary<string, bool> _good = new();

    [Fact(Timeout = Deadlines.Test)]
    public async Task Guesses_TooMany_AreRefusedBeforeTheAuthServiceIsAsked()
    {
        await using var hop = await StartAsync();
        for (var i = 0; i < Burst; i++) Assert.Equal(401, await AskAsync(hop, Guess()));
        Assert.Equal(429, await AskAsync(hop, Guess()));
        Assert.Equal(Burst, hop.Validations);

        _time.Advance(TimeSpan.FromSeconds(12) - new TimeSpan(1));
        Assert.Equal(429, await AskAsync(hop, Guess()));
        _time.Advance(new TimeSpan(1));
        Assert.Equal(401, await AskAsync(hop, Guess()));
        Assert.Equal(429, await AskAsync(hop, Guess()));
        Assert.Equal(Burst + 1, hop.Validations);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("half a key")]
    [InlineData("in the URL")]
    public async Task Attempts_ThatNeedNoQuestion_CountToo(string kind)
    {
        await using var hop = await StartAsync();
        for (var i = 0; i <= Burst; i++)
            Assert.Equal(i < Burst ? 401 : 429, kind == "half a key" ? await AskAsync(hop, "hk_live_short") : await hop.Gateway.Client().StatusAsync(LimitedKey.Search + "?key=" + Guess()));
        Assert.Equal(429, await AskAsync(hop, Guess()));
        Assert.Equal(0, hop.Validations);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Address_ThatFailedTooOften_GoesOnServingKeysThatWereGood()
    {
        await using var hop = await StartAsync();
        var (good, fresh) = (Guess(), Guess());
        _good[good] = _good[fresh] = true;
        Assert.Equal(200, await AskAsync(hop, good));
        for (var i = 0; i <= Burst; i++) await AskAsync(hop, Guess());

        Assert.Equal(200, await AskAsync(hop, good));
        Assert.Equal(429, await AskAsync(hop, fresh));
        // Its verdict has outlived its minute and may be asked for again.
        _time.Advance(TimeSpan.FromSeconds(61));
        for (var i = 0; i <= Burst; i++) await AskAsync(hop, Guess());
        Assert.Equal(200, await AskAsync(hop, good));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Key_ThatIsWrongAllDay_CountsOnceAQuestion()
    {
        await using var hop = await StartAsync();
        var (typo, good) = (Guess(), Guess());
        _good[good] = true;
        for (var i = 0; i < 10 * Burst; i++) Assert.Equal(401, await AskAsync(hop, typo));
        Assert.Equal(200, await AskAsync(hop, good));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Requests_WithoutAKeyOrWithoutItsScope_DoNotCount()
    {
        await using var hop = await GatewayHop.StartAsync(validate: GatewayHop.Good(scopes: Scopes.ModelWrite), configure: Few, time: _time);
        for (var i = 0; i < 2 * Burst; i++)
        {
            Assert.Equal(401, await hop.Gateway.Client().StatusAsync(LimitedKey.Search));
            Assert.Equal(403, await AskAsync(hop, Guess()));
        }
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Outages_OfTheAuthService_DoNotCount()
    {
        await using var hop = await GatewayHop.StartAsync(validate: ScriptedServer.Answer(500, ""), configure: Few, time: _time);
        for (var i = 0; i < 2 * Burst; i++) Assert.Equal(503, await AskAsync(hop, Guess()));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Addresses_OfOneIpv6Network_AreOne()
    {
        await using var hop = await StartAsync();
        for (var i = 0; i < Burst; i++) Assert.Equal(401, await AskAsync(hop, Guess(), $"2001:db8:1:2::{i:x}"));
        Assert.Equal(429, await AskAsync(hop, Guess(), "2001:db8:1:2:aaaa::1"));
        Assert.Equal(401, await AskAsync(hop, Guess(), "2001:db8:1:3::1"));
    }

    private static string Guess() => ApiKey.Mint().Reveal();

    private static Hokusai.Gateway.GatewayOptions Few(Hokusai.Gateway.GatewayOptions options) => options with { Limits = new LimitOptions { FailedAttemptsPerMinute = 5, FailedAttemptsBurst = Burst } };

    private static async Task<int> AskAsync(GatewayHop hop, string key, string? address = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(LimitedKey.Search, UriKind.Relative)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        if (address is not null) request.Headers.Add("X-Forwarded-For", address);
        using var answer = await hop.Gateway.Client().SendAsync(request, TestContext.Current.CancellationToken);
        if ((int)answer.StatusCode == 429) Assert.Equal("HKS-RATE-ADDRESS", (await ErrorAnswer.ReadAsync(answer)).Code);
        return (int)answer.StatusCode;
    }

    private Task<GatewayHop> StartAsync() => GatewayHop.StartAsync(
        validate: http => _good.ContainsKey(http.Request.Headers.Authorization.ToString()["Bearer ".Length..])
            ? GatewayHop.Good()(http)
            : ScriptedServer.WriteAsync(http, 401, """{"error_code":"KEY_UNKNOWN","message":"No."}"""),
        configure: Few,
        time: _time);
}
