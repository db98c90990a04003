using System.IO.Pipelines;
using Hokusai.Gateway.Forwarding.Http1;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Forwarding;

/// <summary>The bodies that the gateway reads for itself: anybody may send one, without a key.</summary>
public sealed class SmallBodyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _body = new();
    private readonly DefaultHttpContext _http = new();

    public SmallBodyTests() => _http.Request.Body = _body.Reader.AsStream();

    [Fact(Timeout = 60_000)]
    public async Task Read_TricklesForEver_EndsInTime()
    {
        var reading = RequestBody.ReadSmallAsync(_http, 100, _time);

        for (var i = 0; i < 6; i++)
        {
            await _body.Writer.WriteAsync("a"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.False(reading.IsCompleted);
            _time.Advance(RequestBody.SmallWithin / 6);
        }

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task Read_UpToItsSize_IsTheBody(int length, bool taken)
    {
        await _body.Writer.WriteAsync(new byte[length], TestContext.Current.CancellationToken);
        await _body.Writer.CompleteAsync();

        Assert.Equal(taken ? length : null, (await RequestBody.ReadSmallAsync(_http, 100, _time))?.Length);
    }
}
