using Hokusai.Keys.Store;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Keys.Store;

public sealed class StoredKeyTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Status_KeyWithAnEnd_ExpiresAtThatMoment()
    {
        var key = Key(expires: _time.GetUtcNow().AddDays(1));
        Assert.Equal("active", key.Status(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("active", key.Status(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("expired", key.Status(_time.GetUtcNow()));
    }

    [Fact]
    public void Status_KeyWithoutEnd_StaysActive()
    {
        _time.Advance(TimeSpan.FromDays(36_500));
        Assert.Equal("active", Key().Status(_time.GetUtcNow()));
    }

    [Fact]
    public void Status_RevokedKey_IsRevokedEvenIfExpired()
    {
        var key = Key(expires: _time.GetUtcNow(), revoked: _time.GetUtcNow());
        Assert.Equal("revoked", key.Status(_time.GetUtcNow()));
    }

    private StoredKey Key(DateTimeOffset? expires = null, DateTimeOffset? revoked = null) => new("key_1", "hk_live_abcd…", "n", "u", ["admin"], _time.GetUtcNow(), expires, revoked);
}
