namespace Hokusai.Gateway.Admission;

/// <summary>What a probe says of how gateway and auth service were put together.</summary>
/// <param name="State">In a word or two, as readiness shows it; <c>ok</c> if all is well.</param>
/// <param name="Remedy">What would help; null if nothing must be done here.</param>
/// <param name="IsAway">Whether the service could not be asked, which says nothing of how it was set up.</param>
internal sealed record AuthSetup(string State, string? Remedy = null, bool IsAway = false)
{
    public const string UntrustedTls = "Its TLS certificate is not trusted.";

    private static readonly string[] SaysMissing = ["missing", "required", "no key", "no api key", "not provided"];

    public bool IsGood => State == "ok";

    public static AuthSetup OfFailure(string failure) => failure == UntrustedTls
        ? new AuthSetup("TLS certificate not trusted", "Give the auth service a certificate for its name, or trust its CA.")
        : new AuthSetup("away: " + failure, IsAway: true);

    /// <summary>Reads the answer to the question about a made-up key of the right form, which the contract wants to be 401 KEY_UNKNOWN.</summary>
    public static AuthSetup Of(int status, string? type, string body, Uri? location, string serviceId)
    {
        var code = AuthAnswer.DenialOf(System.Text.Encoding.UTF8.GetBytes(body))?.ErrorCode;
        if (status == 401 && code == Contracts.Keys.KeyDenialCodes.Unknown) return new AuthSetup("ok");
        if (status is >= 300 and < 400) return new AuthSetup($"redirects ({status})", $"Set authService to the address that it redirects to{To(location)}: the key is not sent after a redirect.");
        if (status is 404 or 405 or 410 || IsHtml(type, body)) return new AuthSetup($"wrong URL ({status})", "Mend authService: below it there is no /api/v1/keys/validate. It is the auth service's root, without a path of its own.");
        if (code == Contracts.Keys.KeyDenialCodes.ServiceUnknown) return UnknownService(serviceId);
        if (status is 400 or 415 || (status is 401 or 403 or 422 && Array.Exists(SaysMissing, word => body.Contains(word, StringComparison.OrdinalIgnoreCase))))
            return new AuthSetup($"does not look for the key in the header ({status})", "The key is sent in Authorization: Bearer, the body holds service_id and client_ip; the auth service must take it from there.");
        if (status == 422) return UnknownService(serviceId);
        if (status is 429 or >= 500) return new AuthSetup($"away: It answered {status}.", IsAway: true);
        if (status == 200) return new AuthSetup("takes a made-up key (200)", "The auth service must answer 401 with KEY_UNKNOWN to a key that it did not issue.");
        return new AuthSetup($"odd answer ({status})", "The auth service must answer 401 with one of KEY_UNKNOWN, KEY_EXPIRED, KEY_REVOKED and KEY_DISABLED in error_code to a key that is not good.");
    }

    private static AuthSetup UnknownService(string serviceId) => new("unknown service id (422)", $"Add '{serviceId}' to the auth service's list of services, or set serviceId to the name that it knows.");

    private static bool IsHtml(string? type, string body) => type is "text/html" or "application/xhtml+xml" || body.AsSpan().TrimStart().StartsWith("<", StringComparison.Ordinal);

    // Only where to: a query may hold anything.
    private static string To(Uri? location) => location is { IsAbsoluteUri: true } ? $" ({location.Scheme}://{location.Authority})" : "";
}
