using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Hokusai.Keys.Audit;

/// <summary>
/// The chain: SHA-256 over <c>hokusai audit 1</c>, a line feed, and of each field in the order of <see cref="AuditEntry"/> its
/// length in bytes of UTF-8, a colon, the bytes, a line feed. Lengths make the form unambiguous, whatever a field holds.
/// </summary>
/// <remarks>No secret goes into it, so that anybody can verify an export. Who may write the whole table can also compute a whole new chain; a head that was kept elsewhere tells.</remarks>
public static class AuditChain
{
    /// <summary>What stands in place of a hash before the first entry.</summary>
    public const string Origin = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>The hash that belongs to an entry.</summary>
    /// <param name="entry">The entry; its own hash does not count.</param>
    public static string HashOf(AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("hokusai audit 1\n"u8);
        Append(hash, entry.Seq.ToString(CultureInfo.InvariantCulture));
        foreach (var field in (ReadOnlySpan<string>)[entry.At, entry.Act, entry.Actor, entry.Subject, entry.Detail, entry.Previous]) Append(hash, field);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string field)
    {
        var bytes = Encoding.UTF8.GetBytes(field);
        hash.AppendData(Encoding.ASCII.GetBytes($"{bytes.Length}:"));
        hash.AppendData(bytes);
        hash.AppendData("\n"u8);
    }
}
