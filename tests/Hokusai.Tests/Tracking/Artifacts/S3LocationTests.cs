using Hokusai.Tracking.Artifacts.S3;

namespace Hokusai.Tests.Tracking.Artifacts;

public sealed class S3LocationTests
{
    [Theory]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    [InlineData("S3://bucket/artifacts", "bucket", "artifacts/")]
    [InlineData("s3://my.bucket-1/a/b c/", "my.bucket-1", "a/b c/")]
    [InlineData("s3://bucket/100%25", "bucket", "100%25/")]
    public void TryParse_Location_IsBucketAndPrefix(string text, string bucket, string root)
    {
        Assert.True(S3Location.TryParse(text, out var location, out _));
        Assert.Equal((bucket, root), (location.Bucket, location.Root));
    }

    [Theory]
    [InlineData("bucket/x", "s3://BUCKET/PREFIX")]
    [InlineData("s3://", "no bucket's name")]
    [InlineData("s3:///x", "no bucket's name")]
    [InlineData("s3://ab", "no bucket's name")]
    [InlineData("s3://Bucket/x", "no bucket's name")]
    [InlineData("s3://under_score", "no bucket's name")]
    [InlineData("s3://-bucket", "no bucket's name")]
    [InlineData("s3://bucket:9000/x", "no bucket's name")]
    [InlineData("s3://bucket/a//b", "segments")]
    [InlineData("s3://bucket/../x", "segments")]
    [InlineData("s3://bucket/./x", "segments")]
    [InlineData("s3://bucket/x?versionId=1", "can't hold ?")]
    [InlineData("s3://bucket/a#b", "can't hold ?")]
    [InlineData("s3://bucket/a\nb", "control characters")]
    public void TryParse_NoLocation_SaysWhy(string text, string reason)
    {
        Assert.False(S3Location.TryParse(text, out _, out var fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyOf_Path_IsItsExactBytesBehindThePrefix() => Assert.Equal("artifacts/0/a b/100%/\u00fc", Artifacts.KeyOf("0/a b/100%/\u00fc"));

    [Fact]
    public void KeyOf_LongPath_IsRefusedByItsBytes()
    {
        var longest = new string('x', 1024 - "artifacts/".Length);
        Assert.Equal(1024, Artifacts.KeyOf(longest).Length);
        Assert.Contains("takes 1025 bytes, S3 allows 1024", Refusal.Of(() => Artifacts.KeyOf(longest + "x")), StringComparison.Ordinal);
        Assert.Contains("takes 1210 bytes", Refusal.Of(() => Artifacts.KeyOf(new string('\u00fc', 600))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://bucket/artifacts", "")]
    [InlineData("s3://bucket/artifacts/", "")]
    [InlineData("s3://bucket/artifacts/7/run", "7/run")]
    [InlineData("s3://bucket/artifacts/7/run/?versionId=1", "7/run")]
    [InlineData("s3://bucket/artifacts/a%20b", "a%20b")]
    [InlineData("s3://bucket/artifacts2/7", null)]
    [InlineData("s3://bucket/other", null)]
    [InlineData("s3://bucket", null)]
    [InlineData("s3://bucket2/artifacts/7", null)]
    [InlineData("gs://bucket/artifacts/7", null)]
    [InlineData("/artifacts/7", null)]
    public void PathBelow_Location_IsRelativeOrElsewhere(string location, string? expected) => Assert.Equal(expected, Artifacts.PathBelow(location));

    [Theory]
    [InlineData("s3://bucket/artifacts/../secret")]
    [InlineData("s3://bucket/artifacts/7/..")]
    [InlineData("s3://bucket/artifacts//7")]
    [InlineData("s3://bucket/artifacts/./7")]
    public void PathBelow_LocationThatWalks_IsRefused(string location) => Assert.Equal("Invalid path", Refusal.Of(() => Artifacts.PathBelow(location)));

    private static S3Location Artifacts => S3Location.TryParse("s3://bucket/artifacts", out var location, out _) ? location : throw new InvalidOperationException();
}
