using System.Globalization;

namespace Hokusai.Edge.Health;

/// <summary>How one health check ended.</summary>
/// <param name="Reason">The load balancer's word for the failure; empty if it was good.</param>
/// <param name="Description">The failure for people.</param>
internal readonly record struct CheckOutcome(string Reason, string Description)
{
    public bool IsGood => Reason.Length == 0;

    /// <summary>The status was one that the matcher takes.</summary>
    public static CheckOutcome Good => new("", "");

    /// <summary>There was no answer in time.</summary>
    public static CheckOutcome Timeout => new("Target.Timeout", "Request timed out");

    /// <summary>There was no connection, or no answer that is one.</summary>
    public static CheckOutcome Failed => new("Target.FailedHealthChecks", "Health checks failed");

    /// <summary>The status was another.</summary>
    public static CheckOutcome Mismatch(int status) => new("Target.ResponseCodeMismatch", string.Create(CultureInfo.InvariantCulture, $"Health checks failed with these codes: [{status}]"));
}
