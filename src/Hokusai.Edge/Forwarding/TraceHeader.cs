using System.Globalization;
using System.Security.Cryptography;

namespace Hokusai.Edge.Forwarding;

/// <summary>The header <c>X-Amzn-Trace-Id</c>.</summary>
/// <remarks>Source: AWS, "Request tracing for your Application Load Balancer".</remarks>
internal static class TraceHeader
{
    public const string Name = "X-Amzn-Trace-Id";

    /// <summary>An id that no other request has.</summary>
    public static string NewId(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"1-{now.ToUnixTimeSeconds():x8}-{RandomNumberGenerator.GetHexString(24, lowercase: true)}");

    /// <summary>
    /// What goes to the target. A Root that came stays, with an own Self in front in place of one that came. Where there is no Root the own id
    /// becomes it; AWS does not say what becomes of other fields then: here they stay, and what is no field is left out.
    /// </summary>
    /// <param name="before">What the client sent; null for nothing.</param>
    /// <param name="id">The own id.</param>
    public static string Compose(string? before, string id)
    {
        if (string.IsNullOrEmpty(before)) return "Root=" + id;
        var fields = before.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(f => f.Contains('=', StringComparison.Ordinal) && !f.StartsWith("Self=", StringComparison.Ordinal)).ToList();
        var own = fields.Exists(f => f.StartsWith("Root=", StringComparison.Ordinal)) ? "Self=" : "Root=";
        return string.Join(';', fields.Prepend(own + id));
    }
}
