using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Admission;

/// <summary>What the auth service said of a key, or why it said nothing.</summary>
/// <param name="Admitted">The key's owner and scopes, if it is good.</param>
/// <param name="Failure">Why it is not, otherwise.</param>
/// <param name="Detail">The auth service's own words, or what went wrong.</param>
internal sealed record KeyVerdict(AdmittedKey? Admitted, FailurePlace? Failure = null, string? Detail = null)
{
    public ValidatedKey? Key => Admitted?.Key;

    /// <summary>Status of the auth service's answer; null if there was none.</summary>
    public int? Status { get; init; }

    /// <summary>How long the answer took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>The auth service itself failed; the key may be as good as ever.</summary>
    public bool IsUnavailable => Failure is FailurePlace.AuthUnavailable or FailurePlace.ServiceUnknown;

    public static KeyVerdict Unavailable(string detail) => new(null, FailurePlace.AuthUnavailable, detail);
}
