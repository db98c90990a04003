using Hokusai.Gateway;
using Hokusai.Gateway.Limits;

namespace Hokusai.Tests.Gateway.Limits;

/// <summary>The small rules: plans, waits, addresses, settings that contradict each other.</summary>
public sealed class LimitTextTests
{
    [Theory]
    [InlineData(null, 0, null)]
    [InlineData(0, 1000, null)]
    [InlineData(null, 1000, 100)]
    [InlineData(3600, 0, 360)]
    [InlineData(100, 0, 40)]
    [InlineData(5, 0, 5)]
    public void OfKey_RateAndDefault_GiveTheBurst(int? perHour, int standard, int? burst) => Assert.Equal(burst, RatePlan.OfKey(perHour, new LimitOptions { RateLimitPerHour = standard })?.Burst);

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(700, 0, 1)]
    [InlineData(1000, 0, 1)]
    [InlineData(1001, 0, 2)]
    [InlineData(700, 0.99, 2)]
    [InlineData(100_000, 0, 100)]
    [InlineData(100_000, 0.99, 110)]
    [InlineData(3_600_000, 0.99, 3660)]
    public void RetryWait_IsNeverShorterAndLittleLonger(int milliseconds, double chance, int seconds) => Assert.Equal(seconds, RetryWait.Seconds(TimeSpan.FromMilliseconds(milliseconds), chance));

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::9", "2001:db8:1:2::/64")]
    [InlineData("fe80::1%3", "fe80::/64")]
    [InlineData("", "")]
    public void AddressGroup_IsTheAddressOrItsNetwork(string address, string group) => Assert.Equal(group, AddressGroup.Of(address).Replace("%3", "", StringComparison.Ordinal));

    [Fact]
    public void Faults_RedisNeededAndNotSet_AreTold() =>
        Assert.Contains(new GatewayOptions { Limits = new LimitOptions { NeedRedis = true } }.Faults(), fault => fault.StartsWith("gateway limitsNeedRedis true", StringComparison.Ordinal));

    [Fact]
    public void Faults_RedisSlowerThanAnAttempt_AreTold()
    {
        var options = new GatewayOptions { Limits = new LimitOptions { RedisDeadline = TimeSpan.FromSeconds(1) } };
        options = options with { Resilience = options.Resilience with { Deadlines = options.Resilience.Deadlines with { Attempt = TimeSpan.FromSeconds(1) } } };
        Assert.Contains(options.Faults(), fault => fault.StartsWith("gateway limitRedisDeadline 00:00:01 and attemptDeadline", StringComparison.Ordinal));
    }
}
