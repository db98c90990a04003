using Hokusai.Tracking.Artifacts;

namespace Hokusai.Tests.Tracking.Artifacts;

public sealed class ArtifactPathTests
{
    [Theory]
    [InlineData("/path")]
    [InlineData("../path")]
    [InlineData("../../path")]
    [InlineData("./../path")]
    [InlineData("path/../to/file")]
    [InlineData("path/../../to/file")]
    [InlineData("path/..")]
    [InlineData("..")]
    [InlineData("file://a#/..//tmp")]
    [InlineData("file://a%23/..//tmp/")]
    [InlineData("/etc/passwd")]
    [InlineData("/etc/passwd%00.jpg")]
    [InlineData("/file://etc/passwd")]
    [InlineData("%2E%2E%2Fpath")]
    [InlineData("%2e%2e/path")]
    [InlineData("%2E%2E%2F%2E%2E%2Fpath")]
    [InlineData("%252E%252E%252Fpath")]
    [InlineData("%2%0952e%2%0952e/path")]
    [InlineData("%2%0A52e%2%0D52e/path")]
    [InlineData("%\t2e./path")]
    [InlineData("%2%250952e%2%250952e/path")]
    [InlineData("%2Fetc")]
    [InlineData("%252Fetc")]
    [InlineData("a/%2e%2e/b")]
    [InlineData("a%2f..%2fb")]
    [InlineData(@"C:\path")]
    [InlineData("C:/path")]
    [InlineData("C:path")]
    [InlineData("c%3Apath")]
    [InlineData("z:")]
    [InlineData(@"\\server\share\x")]
    [InlineData(@"\\?\C:\x")]
    [InlineData(@"\\.\C:\x")]
    [InlineData(@"..\Windows")]
    [InlineData(@"/Windows\..\x")]
    [InlineData(@"::Windows\System32")]
    [InlineData("a%5Cb")]
    [InlineData("file:///etc/passwd")]
    [InlineData("file:///C:/Windows/")]
    [InlineData("file:///proc/version")]
    [InlineData("FILE:a")]
    [InlineData("a#b")]
    [InlineData("a%23b")]
    [InlineData(".hokusai-uploads/x")]
    [InlineData("./.hokusai-uploads")]
    [InlineData("%2ehokusai-uploads/x")]
    public void Clean_PathThatLeadsOut_IsRefused(string path) => Assert.Equal("Invalid path", Refusal.Of(() => ArtifactPath.Clean(path)));

    [Theory]
    [InlineData("path", "path")]
    [InlineData("path/", "path")]
    [InlineData("path/to/file", "path/to/file")]
    [InlineData("", "")]
    [InlineData(".", "")]
    [InlineData("./a/./b//c/.", "a/b/c")]
    [InlineData("dog%step%100%timestamp%100", "dog%step%100%timestamp%100")]
    [InlineData("a b/ü.txt", "a b/ü.txt")]
    [InlineData("a%20b/%C3%BC.txt", "a b/ü.txt")]
    [InlineData("a+b", "a+b")]
    [InlineData("....", "....")]
    [InlineData("a..b", "a..b")]
    [InlineData("..a/b..", "..a/b..")]
    [InlineData(".hidden", ".hidden")]
    [InlineData("a/.hokusai-uploads", "a/.hokusai-uploads")]
    [InlineData(".hokusai-uploadsx", ".hokusai-uploadsx")]
    [InlineData("ab:c", "ab:c")]
    [InlineData("1:c", "1:c")]
    [InlineData("100%", "100%")]
    [InlineData("50%/x", "50%/x")]
    [InlineData("%zz", "%zz")]
    [InlineData("a\tb", "a%09b")]
    [InlineData("a\u007fb", "a%7Fb")]
    public void Clean_PathThatStaysBelow_IsTheOneThatIsUsed(string path, string expected)
    {
        Assert.Equal(expected, ArtifactPath.Clean(path));
        Assert.Equal(expected, ArtifactPath.Clean(expected));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(11, true)]
    [InlineData(200, true)]
    public void Clean_EncodedOverAndOver_IsDecodedOrRefused(int layers, bool refused)
    {
        var path = "a%20b";
        for (var i = 1; i < layers; i++) path = path.Replace("%", "%25", StringComparison.Ordinal);
        if (refused) Assert.Equal("Invalid path", Refusal.Of(() => ArtifactPath.Clean(path)));
        else Assert.Equal("a b", ArtifactPath.Clean(path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(11)]
    public void Clean_DotsEncodedAnyNumberOfTimes_AreRefused(int layers)
    {
        var path = "%2E%2E%2Fpath";
        for (var i = 1; i < layers; i++) path = path.Replace("%", "%25", StringComparison.Ordinal);
        Assert.Equal("Invalid path", Refusal.Of(() => ArtifactPath.Clean(path)));
    }
}
