using System.Text;
using Hokusai.Contracts;
using Hokusai.Contracts.Keys;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Admission;

/// <summary>What was found in a request: a key, or why there is none.</summary>
/// <param name="Key">The key, if exactly one was sent.</param>
/// <param name="Place">Where it was: header and scheme.</param>
/// <param name="Fault">Why there is none.</param>
/// <param name="Detail">More about the fault, without the credential.</param>
internal readonly record struct Credential(ApiKey? Key, string Place, Forwarding.FailurePlace? Fault = null, string? Detail = null)
{
    /// <summary>The key's fingerprint; default if there is no key.</summary>
    public KeyFingerprint Fingerprint { get; } = Key is { } key ? KeyFingerprint.Of(key) : default;
}

/// <summary>Finds the API key wherever MLflow's clients and people put it.</summary>
internal static class CredentialReader
{
    public static Credential Read(HttpRequest request, ReadOnlySpan<char> query)
    {
        // A header's key does not make the one in the URL less exposed.
        return HoldsKey(query) ? new Credential(null, "query", Forwarding.FailurePlace.CredentialInQuery) : ReadHeaders(request);
    }

    /// <summary>Whether a query holds something of a key's form.</summary>
    public static bool HoldsKey(ReadOnlySpan<char> query)
    {
        if (query.Length <= ApiKey.Length) return false;
        var decoded = query.Contains('%') ? Uri.UnescapeDataString(query).AsSpan() : query;
        foreach (var prefix in (ReadOnlySpan<string>)[ApiKey.LivePrefix, ApiKey.TestPrefix])
        {
            var rest = decoded;
            for (var at = rest.IndexOf(prefix, StringComparison.Ordinal); at >= 0; at = rest.IndexOf(prefix, StringComparison.Ordinal))
            {
                rest = rest[at..];
                if (rest.Length >= ApiKey.Length && ApiKey.TryParse(rest[..ApiKey.Length].ToString(), out _)) return true;
                rest = rest[prefix.Length..];
            }
        }
        return false;
    }

    /// <summary>The key in the headers, or why there is none.</summary>
    public static Credential ReadHeaders(HttpRequest request)
    {
        var found = new List<(string Text, string Place)>(2);
        foreach (var header in request.Headers.Authorization) Collect(found, header);
        foreach (var header in request.Headers[HokusaiHeaders.ApiKey]) Add(found, header, HokusaiHeaders.ApiKey);
        if (found.Count == 0) return new Credential(null, "none", Forwarding.FailurePlace.CredentialMissing);
        return Choose(found);
    }

    // Of several texts the ones of a key's form count: Basic has two, of which one may be a name.
    private static Credential Choose(List<(string Text, string Place)> found)
    {
        ApiKey? chosen = null;
        var place = "";
        foreach (var (text, where) in found)
        {
            if (!ApiKey.TryParse(text, out var key)) continue;
            if (chosen is { } other && other != key) return new Credential(null, $"{place} and {where}", Forwarding.FailurePlace.CredentialsConflict);
            if (chosen is null) place = where;
            chosen = key;
        }
        if (chosen is not null) return new Credential(chosen, place);
        var (first, at) = found[^1];
        return new Credential(null, at, Forwarding.FailurePlace.CredentialMalformed, $"Found in {at}: {ApiKey.Fault(first)}.");
    }

    private static void Collect(List<(string, string)> found, string? header)
    {
        var text = Trim(header);
        if (text.Length == 0) return;
        var space = text.IndexOfAny([' ', '\t']);
        if (space < 0)
        {
            Add(found, text, "Authorization without a scheme");
            return;
        }
        var scheme = text[..space];
        var value = text[(space + 1)..];
        if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) CollectBasic(found, value);
        else if (scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) Add(found, value, "Authorization: Bearer");
        else if (scheme.Equals("ApiKey", StringComparison.OrdinalIgnoreCase)) Add(found, value, "Authorization: ApiKey");
        else Add(found, value, "Authorization with an unknown scheme");
    }

    private static void CollectBasic(List<(string, string)> found, string value)
    {
        Span<byte> bytes = new byte[value.Length];
        if (!Convert.TryFromBase64String(Trim(value), bytes, out var length))
        {
            Add(found, "not base64", "Authorization: Basic");
            return;
        }
        var pair = Encoding.UTF8.GetString(bytes[..length]);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        Add(found, colon < 0 ? pair : pair[..colon], "Authorization: Basic, user name");
        if (colon >= 0) Add(found, pair[(colon + 1)..], "Authorization: Basic, password");
    }

    private static void Add(List<(string, string)> found, string? text, string place)
    {
        var trimmed = Trim(text);
        if (trimmed.Length > 0) found.Add((trimmed, place));
    }

    // Quotes and blanks come with keys that were copied out of a file.
    private static string Trim(string? text) => text?.Trim(' ', '\t', '"', '\'') ?? "";
}
