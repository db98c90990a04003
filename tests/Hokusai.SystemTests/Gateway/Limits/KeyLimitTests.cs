using System.Net;
using Hokusai.Gateway.Limits;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Limits;

/// <summary>Requests of a key, on a clock that stands still.</summary>
public sealed class KeyLimitTests
{
    private readonly HeldTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact(Timeout = Deadlines.Test)]
    public async Task Headers_OfAKeyWithALimit_AreTrue()
    {
        await using var hop = await StartAsync(3600, leastBurst: 3);
        var client = hop.Client();
        for (var remaining = 2; remaining >= 0; remaining--)
        {
            using var answer = await client.GetAsync(LimitedKey.Search, TestContext.Current.CancellationToken);
            Assert.Equal((200, 3, remaining, 3 - remaining), ((int)answer.StatusCode, answer.Number("RateLimit-Limit"), answer.Number("RateLimit-Remaining"), answer.Number("RateLimit-Reset")));
        }
        _time.Advance(TimeSpan.FromMilliseconds(400));
        using (var refused = await client.GetAsync(LimitedKey.Search, TestContext.Current.CancellationToken))
        {
            var error = await ErrorAnswer.ReadAsync(refused);
            Assert.Equal((429, "REQUEST_LIMIT_EXCEEDED", "HKS-RATE"), (error.Status, error.ErrorCode, error.Code));
            Assert.Contains("key_1 may make 3600 an hour, 3 of them at once", error.Message, StringComparison.Ordinal);
            Assert.Equal((3, 0, 3), (refused.Number("RateLimit-Limit"), refused.Number("RateLimit-Remaining"), refused.Number("RateLimit-Reset")));
            // The wait is 0.6 s; a second more at most is chance.
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        }
        _time.Advance(TimeSpan.FromMilliseconds(600) - new TimeSpan(1));
        Assert.Equal(429, await client.StatusAsync(LimitedKey.Search));
        _time.Advance(new TimeSpan(1));
        Assert.Equal(200, await client.StatusAsync(LimitedKey.Search));
        Assert.Equal(429, await client.StatusAsync(LimitedKey.Search));
        Assert.Equal(4, hop.Upstream.Requests.Count(r => r.Target.StartsWith(LimitedKey.Search, StringComparison.Ordinal)));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Client_ThatWaitsAsItIsTold_IsServedEachTime()
    {
        await using var hop = await StartAsync(1800, leastBurst: 5);
        var client = hop.Client();
        for (var round = 0; round < 4; round++)
        {
            // The whole burst once it is said to be there again.
            for (var i = 0; i < 5; i++) Assert.Equal(200, await client.StatusAsync(LimitedKey.Search));
            using var refused = await client.GetAsync(LimitedKey.Search, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            if (round % 2 == 0)
            {
                _time.Advance(refused.Headers.RetryAfter!.Delta!.Value);
                Assert.Equal(200, await client.StatusAsync(LimitedKey.Search));
                using var next = await client.GetAsync(LimitedKey.Search, TestContext.Current.CancellationToken);
                _time.Advance(TimeSpan.FromSeconds(next.Number("RateLimit-Reset")));
            }
            else
            {
                _time.Advance(TimeSpan.FromSeconds(refused.Number("RateLimit-Reset")));
            }
        }
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(null)]
    [InlineData(0)]
    public async Task Key_WithoutALimit_HasNoHeaders(int? perHour)
    {
        await using var hop = await StartAsync(perHour, leastBurst: 1);
        for (var i = 0; i < 5; i++)
        {
            using var answer = await hop.Client().GetAsync(LimitedKey.Search, TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, false), (answer.StatusCode, answer.Headers.Contains("RateLimit-Limit")));
        }
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Upstream_WithSuchHeadersOfItsOwn_DoesNotAddToThem()
    {
        await using var hop = await GatewayHop.StartAsync(
            http =>
            {
                http.Response.Headers["RateLimit-Limit"] = "99";
                return ScriptedServer.WriteAsync(http, 200, "{}");
            },
            LimitedKey.With(3600));
        using var answer = await hop.Client().GetAsync(LimitedKey.Search, TestContext.Current.CancellationToken);
        Assert.Equal(360, answer.Number("RateLimit-Limit"));
    }

    private Task<GatewayHop> StartAsync(int? perHour, int leastBurst) =>
        GatewayHop.StartAsync(validate: LimitedKey.With(perHour), configure: o => o with { Limits = new LimitOptions { LeastBurst = leastBurst, BurstShare = 0.001 } }, time: _time);
}
