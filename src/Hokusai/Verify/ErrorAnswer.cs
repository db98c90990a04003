using System.Text;
using System.Text.Json;
using Hokusai.Contracts;
using Hokusai.Contracts.Errors;

namespace Hokusai.Verify;

/// <summary>What an answer other than success says, on one line.</summary>
internal static class ErrorAnswer
{
    private const int Shown = 200;

    /// <summary>Reads the body as MLflow's client does, and what Hokusai adds to it.</summary>
    public static CallFailedException Read(string call, HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object) return FromJson(call, status, json.RootElement, response);
        }
        catch (JsonException)
        {
            // Load balancers and proxies answer with HTML or text: reported below.
        }
        var type = response.Content.Headers.ContentType?.MediaType ?? "no content type";
        var text = new StringBuilder($"{call}: {status} {response.ReasonPhrase}, {type} instead of JSON");
        if (body.Length > 0 && !type.Contains("html", StringComparison.Ordinal)) text.Append($": {Cut(body)}");
        if (response.Headers.Location is { } location) text.Append($"; redirects to {location}, use that URL instead");
        return new CallFailedException(text.ToString()) { Status = status, ErrorCode = status == 404 ? MlflowErrorCodes.EndpointNotFound : null };
    }

    private static CallFailedException FromJson(string call, int status, JsonElement json, HttpResponseMessage response)
    {
        var code = Text(json, "error_code");
        var text = new StringBuilder($"{call}: {status} {code ?? response.ReasonPhrase}: {Cut(Text(json, "message") ?? "no message")}");
        var requestId = response.Headers.TryGetValues(HokusaiHeaders.RequestId, out var ids) ? ids.FirstOrDefault() : null;
        if (json.TryGetProperty("hokusai", out var own) && own.ValueKind == JsonValueKind.Object)
        {
            if (Text(own, "code") is { } cause) text.Append($" [{cause}]");
            if (Text(own, "hint") is { } hint) text.Append($"; hint: {hint}");
            requestId = Text(own, "request_id") ?? requestId;
        }
        if (requestId is not null) text.Append($"; request_id: {requestId}");
        return new CallFailedException(text.ToString()) { Status = status, ErrorCode = code };
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Cut(string text) => text.Length <= Shown ? text : text[..Shown] + "…";
}
