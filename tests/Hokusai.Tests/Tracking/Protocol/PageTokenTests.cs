using System.Text;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking.Protocol;

public sealed class PageTokenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(long.MaxValue)]
    public void Offset_OwnToken_IsWhereItSaid(long offset) => Assert.Equal(offset, PageToken.Offset(PageToken.At(offset)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Offset_NoToken_IsTheStart(string? token) => Assert.Equal(0, PageToken.Offset(token));

    [Theory]
    [InlineData("not base64!")]
    [InlineData("%%%")]
    [InlineData("AAAA")]
    public void Offset_NotBase64OrNotJson_IsRefused(string token) => Assert.StartsWith("Invalid page token", Refusal.Of(() => PageToken.Offset(token)), StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("""{"offset": 0}""")]
    [InlineData("""{"offset": -5}""")]
    [InlineData("""{"offset": 1.5}""")]
    [InlineData("""{"offset": 9223372036854775808}""")]
    [InlineData("""{"offset": "5"}""")]
    [InlineData("""{"offset": null}""")]
    [InlineData("""{"offset": [1]}""")]
    public void Offset_OtherJson_IsRefused(string json)
    {
        var token = Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
        Assert.StartsWith("Invalid page token", Refusal.Of(() => PageToken.Offset(token)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(3, 3, null)]
    [InlineData(4, 3, 13L)]
    public void Cut_RowsReadWithOneMore_GiveATokenOnlyIfThereIsANextPage(int rows, int items, long? next)
    {
        var page = Page<int>.Cut([.. Enumerable.Range(0, rows)], offset: 10, size: 3);
        Assert.Equal(Enumerable.Range(0, items), page.Items);
        Assert.Equal(next, page.NextToken is null ? null : PageToken.Offset(page.NextToken));
    }
}
