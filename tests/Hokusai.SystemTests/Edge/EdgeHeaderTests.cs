using System.Text.RegularExpressions;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>What the edge adds to a request, and what it leaves alone.</summary>
public sealed partial class EdgeHeaderTests
{
    private const string Request = "GET /api/mlflow HTTP/1.1";

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("127.0.0.1")]
    [InlineData("203.0.113.9, 127.0.0.1", "X-Forwarded-For: 203.0.113.9")]
    [InlineData("10.0.0.1, 203.0.113.9, 127.0.0.1", "X-Forwarded-For: 10.0.0.1, 203.0.113.9")]
    [InlineData("10.0.0.1,203.0.113.9, 127.0.0.1", "X-Forwarded-For: 10.0.0.1", "x-forwarded-for: 203.0.113.9")]
    [InlineData("127.0.0.1", "X-Forwarded-For: ")]
    [InlineData("127.0.0.1", "Connection: close, X-Forwarded-For")]
    public async Task Add_ForwardedFor_AppendsThePeer(string expected, params string[] headers)
    {
        await using var hop = await EdgeHop.StartAsync();

        await RawClient.SendAsync(hop.Url, Request, headers);

        Assert.Equal(expected, hop.Targets["api"].Only.Header("X-Forwarded-For"));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Add_ProtoAndPort_AreTheListenersWhateverAClientSays()
    {
        await using var hop = await EdgeHop.StartAsync();

        await RawClient.SendAsync(hop.Url, Request, "X-Forwarded-Proto: https", "X-Forwarded-Port: 443", "Host: models.example.com:8443");

        var seen = hop.Targets["api"].Only;
        Assert.Equal(("http", $"{new Uri(hop.Url).Port}", "models.example.com:8443"), (seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Port"), seen.Header("Host")));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(null, "Root=NEW")]
    [InlineData("Root=1-67891233-abcdef012345678912345678", "Self=NEW;Root=1-67891233-abcdef012345678912345678")]
    [InlineData("Root=1-67891233-abcdef012345678912345678;CalledFrom=app", "Self=NEW;Root=1-67891233-abcdef012345678912345678;CalledFrom=app")]
    [InlineData("nonsense", "Root=NEW")]
    public async Task Add_TraceId_IsNewOrPutInFrontOfARoot(string? sent, string expected)
    {
        await using var hop = await EdgeHop.StartAsync();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        await RawClient.SendAsync(hop.Url, Request, sent is null ? [] : ["X-Amzn-Trace-Id: " + sent]);

        var trace = hop.Targets["api"].Only.Header("X-Amzn-Trace-Id")!;
        var made = TraceId().Match(trace);
        Assert.Equal(expected.Replace("NEW", made.Value, StringComparison.Ordinal), trace);
        Assert.InRange(Convert.ToInt64(made.Groups[1].Value, 16), before, before + 60);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_OtherHeaders_PassAsTheyAre()
    {
        await using var hop = await EdgeHop.StartAsync();

        await RawClient.SendAsync(hop.Url, Request, "Authorization: Basic eA==", "X-Hokusai-User-Id: anyone", "X_Under_Score: u", "X-Latin: Zo\u00c3\u00ab", "Accept-Encoding: br", "Cookie: a=b");

        var seen = hop.Targets["api"].Only;
        Assert.Equal(("Basic eA==", "anyone", "u", "br", "a=b"), (seen.Header("Authorization"), seen.Header("X-Hokusai-User-Id"), seen.Header("X_Under_Score"), seen.Header("Accept-Encoding"), seen.Header("Cookie")));
        Assert.Equal("Zo\u00c3\u00ab", seen.Header("X-Latin"));
    }

    // The last match: an own id stands in front of a root of the client's.
    [GeneratedRegex("(?<=^(?:Root|Self)=)1-([0-9a-f]{8})-[0-9a-f]{24}")]
    private static partial Regex TraceId();
}
