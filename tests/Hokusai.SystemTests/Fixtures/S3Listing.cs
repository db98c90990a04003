using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>S3's pages of keys.</summary>
internal static class S3Listing
{
    private static readonly XNamespace Space = "http://s3.amazonaws.com/doc/2006-03-01/";

    public static XElement Element(string name, params IEnumerable<object> content) => new(Space + name, content);

    /// <summary>One page: keys and, with a delimiter, what they have in common up to it, each counted once.</summary>
    public static XElement Page(IReadOnlyList<(string Key, long Size)> objects, IQueryCollection query)
    {
        var (prefix, delimiter, after) = (query["prefix"].ToString(), query["delimiter"].ToString(), query["continuation-token"].ToString());
        var most = query.TryGetValue("max-keys", out var given) ? Math.Min(1000, int.Parse(given.ToString(), CultureInfo.InvariantCulture)) : 1000;
        var rows = objects.Where(found => found.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(found => delimiter.Length > 0 && found.Key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is var at and >= 0 ? (Key: found.Key[..(at + 1)], Size: -1L) : found)
            .DistinctBy(row => row.Key).OrderBy(row => row.Key, StringComparer.Ordinal)
            .Where(row => string.CompareOrdinal(row.Key, after) > 0).Take(most + 1).ToList();
        var page = rows.Take(most).ToList();
        // As S3 does with encoding-type=url: spaces as plus, slashes as they are.
        string Text(string key) => query["encoding-type"] == "url" ? Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal).Replace("%20", "+", StringComparison.Ordinal) : key;
        return Element(
            "ListBucketResult",
            [
                Element("Name", S3Server.Bucket), Element("Prefix", Text(prefix)), Element("KeyCount", page.Count), Element("MaxKeys", most), Element("IsTruncated", rows.Count > most ? "true" : "false"),
                .. query["encoding-type"] == "url" ? (object[])[Element("EncodingType", "url")] : [],
                .. rows.Count > most ? (object[])[Element("NextContinuationToken", page[^1].Key)] : [],
                .. page.Where(row => row.Size >= 0).Select(row => Element("Contents", Element("Key", Text(row.Key)), Element("LastModified", "2026-01-02T03:04:05.000Z"), Element("ETag", "\"0\""), Element("Size", row.Size), Element("StorageClass", "STANDARD"))),
                .. page.Where(row => row.Size < 0).Select(row => Element("CommonPrefixes", Element("Prefix", Text(row.Key)))),
            ]);
    }
}
