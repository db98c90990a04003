using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Artifacts.S3;

/// <summary>A bucket, or the part of it below a prefix, as <c>s3://BUCKET/PREFIX</c>.</summary>
internal sealed record S3Location
{
    public const string Scheme = "s3://";

    // Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
    private const int LongestKey = 1024;

    private S3Location(string bucket, string root) => (Bucket, Root) = (bucket, root);

    public string Bucket { get; }

    /// <summary>What all keys begin with: empty, or the prefix with a slash at its end.</summary>
    public string Root { get; }

    /// <summary>Reads a location.</summary>
    /// <param name="text">The location as written.</param>
    /// <param name="location">The location.</param>
    /// <param name="fault">What is wrong with it, and what would be right.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out S3Location? location, [NotNullWhen(false)] out string? fault)
    {
        location = null;
        if (!Is(text))
        {
            fault = "give it as s3://BUCKET/PREFIX";
            return false;
        }
        var parts = text[Scheme.Length..].Split('/', 2);
        var prefix = parts.Length > 1 ? parts[1].TrimEnd('/') : "";
        fault = !IsBucket(parts[0]) ? $"'{parts[0]}' is no bucket's name (3 to 63 lower-case letters, digits, dots and hyphens); give it as s3://BUCKET/PREFIX"
            : prefix.AsSpan().IndexOfAny('?', '#', '\\') >= 0 || prefix.Any(char.IsControl) ? "a prefix can't hold ?, #, \\ or control characters"
            : prefix.Length > 0 && !AreSegments(prefix) ? "a prefix can't hold empty, '.' or '..' segments"
            : Encoding.UTF8.GetByteCount(prefix) > LongestKey / 2 ? $"a prefix longer than {LongestKey / 2} bytes leaves too little of a key's {LongestKey} for paths"
            : null;
        if (fault is not null) return false;
        location = new S3Location(parts[0], prefix.Length == 0 ? "" : prefix + "/");
        return true;
    }

    public static bool Is(string location) => location.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>The key of a path: its exact bytes behind the prefix.</summary>
    /// <exception cref="ApiException">400: S3 takes no key of that length.</exception>
    public string KeyOf(string path)
    {
        var key = Root + path;
        var length = Encoding.UTF8.GetByteCount(key);
        return length <= LongestKey ? key : throw ApiException.Invalid($"The path '{Rules.Cut(path, 80)}…' is too long: with the artifacts' prefix it takes {length} bytes, S3 allows {LongestKey}");
    }

    /// <summary>The path relative to this location; null if the given one lies elsewhere.</summary>
    /// <exception cref="ApiException">400: it walks up, or has empty segments, which S3 would take as names.</exception>
    public string? PathBelow(string location)
    {
        if (!Is(location)) return null;
        var parts = location[Scheme.Length..].Split('?', 2)[0].Split('/', 2);
        var path = parts.Length > 1 ? parts[1].TrimEnd('/') : "";
        if (path.Length > 0 && !AreSegments(path)) throw ArtifactPath.Invalid();
        if (parts[0] != Bucket) return null;
        return (path + "/").StartsWith(Root, StringComparison.Ordinal) || Root.Length == 0 ? path[Math.Min(Root.Length, path.Length)..] : null;
    }

    public override string ToString() => Scheme + Bucket + (Root.Length == 0 ? "" : "/" + Root.TrimEnd('/'));

    private static bool IsBucket(string name) => name.Length is >= 3 and <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);

    private static bool AreSegments(string path) => path.Split('/').All(segment => segment is not ("" or "." or ".."));
}
