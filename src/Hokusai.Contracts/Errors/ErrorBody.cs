using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hokusai.Contracts.Errors;

/// <summary>
/// The body of every error that Hokusai itself makes. The first two fields are what MLflow's clients read;
/// the rest is for people and for <c>hokusai why</c>.
/// </summary>
/// <param name="ErrorCode">MLflow's error code, see <see cref="MlflowErrorCodes"/>.</param>
/// <param name="Message">What is wrong, in words that a data scientist understands.</param>
/// <param name="Code">Stable code of the cause, <c>HKS-…</c>.</param>
/// <param name="RequestId">The id that <c>X-Request-Id</c> carries too.</param>
/// <param name="Place">The hop and step at which the request failed.</param>
/// <param name="Hint">What would help.</param>
/// <param name="Attempts">How often the upstream was tried.</param>
/// <param name="Upstream">The upstream that was tried, if any.</param>
public sealed record ErrorBody(
    string ErrorCode,
    string Message,
    string Code,
    string RequestId,
    string Place,
    string Hint,
    int Attempts = 0,
    string? Upstream = null)
{
    // Quotes stay readable: MLflow's clients print the text as it stands.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body as UTF-8 JSON.</summary>
    public byte[] ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("error_code", ErrorCode);
            json.WriteString("message", Message);
            json.WriteStartObject("hokusai");
            json.WriteString("code", Code);
            json.WriteString("request_id", RequestId);
            json.WriteString("place", Place);
            json.WriteNumber("attempts", Attempts);
            if (Upstream is not null) json.WriteString("upstream", Upstream);
            json.WriteString("hint", Hint);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
