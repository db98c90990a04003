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
        Assert.Equal(KeyStatus.Active, key.Status(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(KeyStatus.Active, key.Status(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(KeyStatus.Expired, key.Status(_time.GetUtcNow()));
    }

    [Fact]
    public void Status_KeyWithoutEnd_StaysActive()
    {
        _time.Advance(TimeSpan.FromDays(36_500));
        Assert.Equal(KeyStatus.Active, Key().Status(_time.GetUtcNow()));
    }

    [Fact]
    public void Status_RevokedKey_IsRevokedEvenIfExpired()
    {
        var key = Key(expires: _time.GetUtcNow(), revoked: _time.GetUtcNow());
        Assert.Equal(KeyStatus.Revoked, key.Status(_time.GetUtcNow()));
    }

    [Fact]
    public void Status_RotatedKey_WorksUntilTheOverlapEndsOrItRetires()
    {
        var now = _time.GetUtcNow();
        var key = Key() with { Succession = new KeySuccession("key_2", now.AddHours(1), null) };

        Assert.Equal((KeyStatus.Rotating, true), (key.Status(now), key.IsUsable(now)));
        Assert.Equal((KeyStatus.Rotated, false), (key.Status(now.AddHours(1)), key.IsUsable(now.AddHours(1))));
        Assert.Equal(KeyStatus.Rotated, (key with { Succession = key.Succession with { Retired = now } }).Status(now));
    }

    [Fact]
    public void Ends_RotatedKeyWithAnEnd_IsWhatComesFirst()
    {
        var now = _time.GetUtcNow();
        var overlap = new KeySuccession("key_2", now.AddHours(1), null);

        Assert.Null(Key().Ends);
        Assert.Equal(now.AddHours(1), (Key() with { Succession = overlap }).Ends);
        Assert.Equal(now.AddHours(1), (Key(expires: now.AddDays(1)) with { Succession = overlap }).Ends);
        Assert.Equal(now.AddMinutes(1), (Key(expires: now.AddMinutes(1)) with { Succession = overlap }).Ends);
    }

    [Fact]
    public void Status_DisabledKey_IsDisabledUnlessItIsOverForGood()
    {
        var now = _time.GetUtcNow();
        var key = Key(expires: now.AddDays(1)) with { Disabled = now };

        Assert.Equal(KeyStatus.Disabled, key.Status(now));
        Assert.Equal(KeyStatus.Revoked, (key with { Revoked = now }).Status(now));
    }

    private StoredKey Key(DateTimeOffset? expires = null, DateTimeOffset? revoked = null) =>
        new("key_1", "hk_live_abcd…", new KeyTerms("n", "u", ["admin"], expires, null, null, KeyLimits.None), _time.GetUtcNow()) { Revoked = revoked };
}
