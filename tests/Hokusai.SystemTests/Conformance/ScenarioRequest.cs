using System.Text;
using System.Text.Json;

namespace Hokusai.SystemTests.Conformance;

/// <summary>Makes the request of a step, with its placeholders filled.</summary>
internal static class ScenarioRequest
{
    /// <summary>The request.</summary>
    /// <param name="step">What to send.</param>
    /// <param name="baseUrl">What stands before the step's path.</param>
    /// <param name="extra">Headers that every request has; the step's own ones win.</param>
    /// <param name="names">What the placeholders stand for.</param>
    public static HttpRequestMessage Make(ScenarioStep step, string baseUrl, IReadOnlyDictionary<string, string> extra, Placeholders names)
    {
        var request = new HttpRequestMessage(new HttpMethod(step.Method), Address(step, baseUrl, names)) { Content = Content(step, names) };
        var headers = new Dictionary<string, string>(extra, StringComparer.OrdinalIgnoreCase);
        if (step.Json is not null || step.Raw is not null) headers["Content-Type"] = "application/json";
        foreach (var (name, value) in step.Headers) headers[name] = names.Fill(value);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    // Byte for byte as it is written: "%2e%2e" must reach the server as such, where Uri would walk up a folder.
    private static Uri Address(ScenarioStep step, string baseUrl, Placeholders names) =>
        new(baseUrl.TrimEnd('/') + names.Fill(step.Path) + Query(step, names), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static string Query(ScenarioStep step, Placeholders names)
    {
        var pairs = from parameter in step.Query
                    from value in parameter.Value.ValueKind == JsonValueKind.Array ? parameter.Value.EnumerateArray() : Enumerable.Repeat(parameter.Value, 1)
                    select FormEncode(parameter.Key) + "=" + FormEncode(names.Fill(value.ToString()));
        var query = string.Join('&', pairs);
        return query.Length > 0 ? "?" + query : "";
    }

    // As the Python clients encode a query: a blank as a plus sign.
    private static string FormEncode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    private static ByteArrayContent? Content(ScenarioStep step, Placeholders names) => step switch
    {
        { Json: { } json } => new ByteArrayContent(Filled(json, names)),
        { Raw: { } raw } => new ByteArrayContent(Encoding.UTF8.GetBytes(names.Fill(raw))),
        { Bytes: { } bytes } => new ByteArrayContent(bytes),
        _ => null,
    };

    private static byte[] Filled(JsonElement json, Placeholders names)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body)) Write(writer, json, names);
        return body.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, Placeholders names)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var field in value.EnumerateObject())
                {
                    writer.WritePropertyName(field.Name);
                    Write(writer, field.Value, names);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item, names);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(names.Fill(value.GetString()!));
                break;
            default:
                // Numbers keep the form in which they were recorded.
                value.WriteTo(writer);
                break;
        }
    }
}
