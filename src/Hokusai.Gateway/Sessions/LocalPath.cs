using System.Buffers;

namespace Hokusai.Gateway.Sessions;

/// <summary>Where a sign-in may lead: a path of this host and nowhere else.</summary>
internal static class LocalPath
{
    private const int Longest = 2048;

    private static readonly SearchValues<char> Harmless = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?%");

    /// <summary>The path if it is one; otherwise the other. What begins with two slashes, or has a backslash that browsers read as a slash, names a host.</summary>
    public static string Or(string? path, string other) =>
        path is ['/', ..] && path.Length <= Longest && !path.StartsWith("//", StringComparison.Ordinal) && !path.AsSpan().ContainsAnyExcept(Harmless) ? path : other;
}
