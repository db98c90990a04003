namespace Hokusai.Edge;

/// <summary>What becomes of the header <c>X-Forwarded-For</c> on the way to a target.</summary>
/// <remarks>Source: AWS, "X-Forwarded headers", attribute <c>routing.http.xff_header_processing.mode</c>.</remarks>
public enum ForwardedForMode
{
    /// <summary>The client's address is put behind what the client sent.</summary>
    Append,

    /// <summary>What the client sent passes unchanged; nothing is added.</summary>
    Preserve,

    /// <summary>The header is taken out.</summary>
    Remove,
}
