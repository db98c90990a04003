using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Errors;

namespace Hokusai.Tests.Contracts.Errors;

public sealed class ErrorBodyTests
{
    private static readonly ErrorBody Body = new(
        MlflowErrorCodes.BadGateway, "MLflow's \"server\" doesn't answer <now> & für", "HKS-CONNECT-REFUSED", "r-1", "upstream-connect", "start it", 3, "10.0.0.7:5000");

    [Fact]
    public void ToUtf8_AllFields_AreInTheirPlaces()
    {
        using var json = JsonDocument.Parse(Body.ToUtf8());
        var root = json.RootElement;
        Assert.Equal(["error_code", "message", "hokusai"], root.EnumerateObject().Select(field => field.Name));
        Assert.Equal("BAD_GATEWAY", root.GetProperty("error_code").GetString());
        Assert.Equal(Body.Message, root.GetProperty("message").GetString());
        var own = root.GetProperty("hokusai");
        Assert.Equal(["code", "request_id", "place", "attempts", "upstream", "hint"], own.EnumerateObject().Select(field => field.Name));
        Assert.Equal("HKS-CONNECT-REFUSED", own.GetProperty("code").GetString());
        Assert.Equal("r-1", own.GetProperty("request_id").GetString());
        Assert.Equal("upstream-connect", own.GetProperty("place").GetString());
        Assert.Equal(3, own.GetProperty("attempts").GetInt32());
        Assert.Equal("10.0.0.7:5000", own.GetProperty("upstream").GetString());
        Assert.Equal("start it", own.GetProperty("hint").GetString());
    }

    [Fact]
    public void ToUtf8_NoUpstream_LeavesTheFieldOut()
    {
        using var json = JsonDocument.Parse((Body with { Upstream = null, Attempts = 0 }).ToUtf8());
        Assert.False(json.RootElement.GetProperty("hokusai").TryGetProperty("upstream", out _));
        Assert.Equal(0, json.RootElement.GetProperty("hokusai").GetProperty("attempts").GetInt32());
    }

    [Fact]
    public void ToUtf8_Punctuation_StaysReadable() =>
        Assert.Contains("""MLflow's \"server\" doesn't answer <now> & für""", Encoding.UTF8.GetString(Body.ToUtf8()), StringComparison.Ordinal);
}
