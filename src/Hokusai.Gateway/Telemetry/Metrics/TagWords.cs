using System.Collections.Frozen;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Telemetry.Metrics;

/// <summary>The words that tags have for enums: made once, so that a request makes no string.</summary>
internal static class TagWords
{
    private static readonly FrozenDictionary<FailurePlace, string> Places = Enum.GetValues<FailurePlace>().ToFrozenDictionary(p => p, p => p.ToString());

    public static string Of(FailurePlace place) => Places.TryGetValue(place, out var word) ? word : MetricFamily.Overflow;

    public static string Of(EndpointClass? kind) => kind switch
    {
        EndpointClass.Read => "read",
        EndpointClass.Write => "write",
        EndpointClass.RegistryWrite => "registry_write",
        EndpointClass.Admin => "admin",
        _ => "none",
    };

    public static string Of(BodyClass body) => body == BodyClass.Artifact ? "artifact" : "metadata";

    /// <summary>Class of a status; the client that left before its answer is a class of its own.</summary>
    public static string OfStatus(int status) => status switch
    {
        499 => "499",
        >= 200 and < 300 => "2xx",
        >= 300 and < 400 => "3xx",
        >= 400 and < 500 => "4xx",
        >= 500 and < 600 => "5xx",
        _ => "1xx",
    };

    /// <summary>Whether a place is a refusal of the credential or of its scopes.</summary>
    public static bool IsAuthRefusal(FailurePlace place) => place == FailurePlace.CredentialsConflict || (place != FailurePlace.QuotaExhausted && Failures.Of(place).Status is (401 or 403));
}
