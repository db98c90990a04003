namespace Hokusai.SystemTests.Tracking;

/// <summary>Paths that were used against artifact servers, and harmless ones that look odd.</summary>
internal static class AttackPaths
{
    /// <summary>To be refused, wherever a path can be given.</summary>
    public static IReadOnlyList<string> Refused { get; } =
    [
        "/path", "../path", "../../path", "./../path", "path/../to/file", "path/../../to/file", "..", "path/..",
        "file://a#/..//tmp", "file://a%23/..//tmp/", "/etc/passwd", "/etc/passwd%00.jpg", "/file://etc/passwd", "file:///etc/passwd", "FILE:/etc/passwd", "file:///proc/version", "//proc/self/root/etc/passwd",
        "%2E%2E%2Fpath", "%2E%2E%2F%2E%2E%2Fpath", "%2e%2e/path", "..%2fpath", "path/%2e%2e/%2e%2e/path", "%252E%252E%252Fpath", "%25252E%25252E%25252Fpath", "%252e%252e/path", "%2fetc%2fpasswd",
        "%2%0952e%2%0952e/path", ".%09./path", ".%0a./path", Encoded(11), "a#b", "a%23b", "a%2523b",
        @"C:\path", "C:/path", "C:path", "c%3a/path", @"\\server\share\x", @"\\?\C:\x", @"\\.\C:\x", @"..\Windows", @"/Windows\..\x", @"::Windows\System32", "file:///C:/Windows/", "%5c%5cserver%5cx", "..%5cWindows",
        ".hokusai-uploads/x", "%2ehokusai-uploads/x", "./.hokusai-uploads/x",
    ];

    /// <summary>To be stored and read, each under the name that it ends up with.</summary>
    public static IReadOnlyDictionary<string, string> Accepted { get; } = new Dictionary<string, string>
    {
        ["path"] = "path",
        ["path2/"] = "path2",
        ["path3/to/file"] = "path3/to/file",
        ["a%20b/%C3%BC.txt"] = "a b/ü.txt",
        ["...."] = "....",
        ["a..b"] = "a..b",
        [".hidden"] = ".hidden",
        ["dog%25step%25100%25timestamp%25100"] = "dog%step%100%timestamp%100",
        ["x/./y"] = "x/y",
    };

    // The two dots of "../path", encoded so many times over.
    private static string Encoded(int times)
    {
        var dot = "%2e";
        for (var i = 1; i < times; i++) dot = dot.Replace("%", "%25", StringComparison.Ordinal);
        return $"{dot}{dot}/path";
    }
}
