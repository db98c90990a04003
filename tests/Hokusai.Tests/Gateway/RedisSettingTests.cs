using Hokusai.Gateway;

namespace Hokusai.Tests.Gateway;

public sealed class RedisSettingTests
{
    [Theory]
    [InlineData("cache:6379")]
    [InlineData("cache")]
    [InlineData("a:6379,b:6380,password=s3cret,ssl=true,connectTimeout=500")]
    [InlineData("[::1]:6379,user=gateway,password=a=b")]
    public void Faults_WhatRedisReads_HasNone(string redis) => Assert.Empty(new GatewayOptions { Redis = redis }.Faults());

    [Theory]
    [InlineData("password=s3cret", "password=(redacted)")]
    [InlineData("cache:6379,pasword=s3cret", "cache:6379,pasword=(redacted)")]
    [InlineData("cache:6379,ssl=maybe", "cache:6379,ssl=maybe")]
    [InlineData("cache:6379,password=s3,cret,ssl=maybe", "cache:6379,password=(redacted)")]
    [InlineData("redis://:s3cret@cache:6379", "redis://(redacted)@cache:6379")]
    [InlineData("gateway:s3cret@cache:6379", "(redacted)@cache:6379")]
    [InlineData("cache:port", "cache:port")]
    [InlineData("cache:99999", "cache:99999")]
    [InlineData(",", ",")]
    public void Faults_WhatRedisCannotRead_IsToldWithoutItsSecret(string redis, string shown)
    {
        var fault = Assert.Single(new GatewayOptions { Redis = redis }.Faults());
        Assert.StartsWith($"gateway redis '{shown}': ", fault, StringComparison.Ordinal);
        Assert.Contains("write HOST:PORT", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", fault, StringComparison.Ordinal);
    }
}
