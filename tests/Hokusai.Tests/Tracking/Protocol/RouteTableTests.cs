using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking.Protocol;

public sealed class RouteTableTests
{
    [Theory]
    [InlineData(nameof(RouteFamily.Rest), "/x", "/api/2.0/x /ui/ajax-api/2.0/x")]
    [InlineData(nameof(RouteFamily.Ui), "/x", "/ui/ajax-api/2.0/x")]
    [InlineData(nameof(RouteFamily.Root), "/x", "/ui/x")]
    [InlineData(nameof(RouteFamily.Service), "/x", "/x")]
    public void Build_Family_StandsUnderItsPrefixesOnly(string family, string path, string expected)
    {
        var table = RouteTable.Build([new Route("GET", path, _ => Task.CompletedTask, Enum.Parse<RouteFamily>(family))], "/ui");
        string[] all = ["/x", "/ui/x", "/api/2.0/x", "/ui/api/2.0/x", "/ajax-api/2.0/x", "/ui/ajax-api/2.0/x"];
        Assert.Equal(expected, string.Join(' ', all.Where(full => table.Find("GET", full, out _, out _) is not null)));
    }
}
