using System.Text;
using System.Text.Json;

namespace Hokusai.Tracking.Protocol;

/// <summary>An opaque token that says where the next page begins: base64 of a small JSON object, as MLflow's are.</summary>
internal static class PageToken
{
    public static string At(long offset) => Convert.ToBase64String(Encoding.ASCII.GetBytes($$"""{"offset": {{offset}}}"""));

    /// <summary>The offset of a token; 0 if there is none.</summary>
    /// <exception cref="ApiException">The token was not made here.</exception>
    public static long Offset(string? token)
    {
        if (string.IsNullOrEmpty(token)) return 0;
        try
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(token));
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("offset", out var offset) && offset.ValueKind == JsonValueKind.Number && offset.TryGetInt64(out var value) && value > 0) return value;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw ApiException.Invalid("Invalid page token, could not base64-decode");
        }
        throw ApiException.Invalid("Invalid page token, it names no place to go on from");
    }
}
