using System.Net;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Store;

namespace Hokusai.Keys.Administration;

/// <summary>What may be agreed for a key.</summary>
internal static class KeyTermsRules
{
    private const int LongestName = 200;
    private const int MostDays = 3650;
    private const int MostPatterns = 100;

    /// <summary>Checks a description and makes the terms of it.</summary>
    /// <param name="request">The description.</param>
    /// <param name="maker">Whose key it is if the description does not say.</param>
    /// <param name="now">The present.</param>
    /// <returns>The terms, or all faults, each with field, value and remedy.</returns>
    public static (KeyTerms? Terms, IReadOnlyList<string> Faults) Read(CreateKeyRequest request, string maker, DateTimeOffset now)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(request.Name)) faults.Add("name: missing; say what the key is for");
        CheckText(faults, "name", request.Name);
        CheckText(faults, "user_id", request.UserId);
        CheckText(faults, "email", request.Email);
        if (request.Email is { Length: > 0 } email && (email.IndexOf('@', StringComparison.Ordinal) is 0 or -1 || email.Contains(' ', StringComparison.Ordinal))) faults.Add("email: is no address such as ada@example.org");
        CheckText(faults, "environment", request.Environment);
        var scopes = request.Scopes is { Count: > 0 } given ? given : [Scopes.Read, Scopes.Write];
        if (scopes.Except(Scopes.All).ToList() is { Count: > 0 } unknown) faults.Add($"scopes: {string.Join(", ", unknown.Select(Shown))} not known; there are {string.Join(", ", Scopes.All)}");
        CheckEnd(faults, request, now);
        if (request.RateLimitPerHour is < 1) faults.Add($"rate_limit_per_hour: {request.RateLimitPerHour}, must be 1 or more; leave it out for no limit");
        if (request.Quotas?.BytesPerDay is < 1) faults.Add($"quotas.bytes_per_day: {request.Quotas.BytesPerDay}, must be 1 or more; leave it out for no limit");
        if (request.Quotas?.RunsPerDay is < 1) faults.Add($"quotas.runs_per_day: {request.Quotas.RunsPerDay}, must be 1 or more; leave it out for no limit");
        var networks = Networks(faults, request.AllowedNetworks);
        CheckPatterns(faults, "grants.experiments", request.Grants?.Experiments);
        CheckPatterns(faults, "grants.models", request.Grants?.Models);
        if (faults.Count > 0) return (null, faults);
        var limits = new KeyLimits(request.RateLimitPerHour, networks, request.Grants is { Experiments: null, Models: null } ? null : request.Grants, request.Quotas is { BytesPerDay: null, RunsPerDay: null } ? null : request.Quotas);
        var expires = request.ExpiresAt ?? (request.ExpiresInDays is { } days ? now.AddDays(days) : null);
        return (new KeyTerms(request.Name!, Given(request.UserId) ?? maker, [.. scopes.Distinct()], expires, Given(request.Email), Given(request.Environment), limits), []);
    }

    /// <summary>The terms as a description, to be changed.</summary>
    public static CreateKeyRequest Describe(KeyTerms terms) => new(
        terms.Name, terms.UserId, terms.Scopes, ExpiresAt: terms.Expires, Email: terms.Email, Environment: terms.Environment,
        RateLimitPerHour: terms.Limits.RateLimitPerHour, AllowedNetworks: terms.Limits.AllowedNetworks, Grants: terms.Limits.Grants, Quotas: terms.Limits.Quotas);

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Shown(string? text) => text is null ? "null" : KeyRedactor.Redact(text);

    // Names travel in headers, logs and tables.
    private static void CheckText(List<string> faults, string field, string? text)
    {
        if (text is null) return;
        if (text.Length > LongestName) faults.Add($"{field}: {text.Length} characters, {LongestName} at most");
        if (text.Any(char.IsControl)) faults.Add($"{field}: holds a line break, a tab or another control character");
        if (KeyRedactor.Redact(text) != text) faults.Add($"{field}: holds a key; it would be shown and logged, so revoke that key");
    }

    private static void CheckEnd(List<string> faults, CreateKeyRequest request, DateTimeOffset now)
    {
        if (request.ExpiresInDays is < 1 or > MostDays) faults.Add($"expires_in_days: {request.ExpiresInDays}, must be 1 to {MostDays}");
        if (request.ExpiresAt is not { } end) return;
        if (request.ExpiresInDays is not null) faults.Add("expires_at: stands beside expires_in_days; give one");
        if (end <= now || end > now.AddDays(MostDays)) faults.Add($"expires_at: {end:yyyy-MM-dd'T'HH:mm:ss'Z'}, must lie ahead and within {MostDays} days");
    }

    private static List<string>? Networks(List<string> faults, IReadOnlyList<string>? networks)
    {
        if (networks is not { Count: > 0 }) return null;
        if (networks.Count > MostPatterns) faults.Add($"allowed_networks: {networks.Count} networks, {MostPatterns} at most");
        var read = new List<string>();
        foreach (var text in networks)
        {
            // Bits beyond the prefix are a mistake of one or the other, and guessing might let in too many. An address alone is a network of one.
            if (IPNetwork.TryParse(text, out var network) && IPAddress.TryParse(text.Split('/')[0], out var from) && from.Equals(network.BaseAddress)) read.Add(network.ToString());
            else if (IPAddress.TryParse(text, out var address) && address.ScopeIdIsZero()) read.Add($"{address}/{(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)}");
            else faults.Add($"allowed_networks: '{Shown(text)}' is no network; write it as 10.0.0.0/8 or 2001:db8::/32, without bits beyond the prefix");
        }
        return read;
    }

    private static bool ScopeIdIsZero(this IPAddress address) => address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || address.ScopeId == 0;

    private static void CheckPatterns(List<string> faults, string field, IReadOnlyList<string>? patterns)
    {
        if (patterns is null) return;
        if (patterns.Count > MostPatterns) faults.Add($"{field}: {patterns.Count} patterns, {MostPatterns} at most");
        foreach (var pattern in patterns)
        {
            if (pattern is null || pattern.TrimStart('!').Length == 0) faults.Add($"{field}: an empty pattern; write a name such as churn or churn-*, with ! in front to forbid it");
            else CheckText(faults, field, pattern);
        }
    }
}
