using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hokusai.Keys.Explain;

/// <summary>What <c>hokusai keys explain-request</c> prints.</summary>
internal static class ExplainOutput
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteTextAsync(TextWriter output, IReadOnlyList<Explanation> explanations)
    {
        foreach (var one in explanations)
        {
            await output.WriteLineAsync(one.Request);
            await output.WriteLineAsync($"  endpoint    {(one.Seen.Endpoint is { } endpoint ? $"{endpoint}, needs {one.Seen.Scope}" : "none of MLflow's")}");
            await output.WriteLineAsync($"  credential  {Credential(one)}");
            await output.WriteLineAsync($"  verdict     {(one.IsAccepted ? "nothing speaks against it here; the auth service decides" : "refused")}");
            foreach (var remark in one.Remarks)
            {
                await output.WriteLineAsync($"  {(remark.Refuses ? "✗" : "·")} {remark.What}");
                if (remark.Remedy is not null) await output.WriteLineAsync($"    → {remark.Remedy}");
            }
        }
    }

    public static async Task WriteJsonAsync(TextWriter output, IReadOnlyList<Explanation> explanations)
    {
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartArray();
            foreach (var one in explanations) Write(json, one);
            json.WriteEndArray();
        }
        await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static string Credential(Explanation one) => one.Seen.Key is { } key
        ? $"{key.Display} in {one.Seen.Place}, {(key.IsTest ? "test" : "live")}, checksum {(key.HasValidChecksum ? "right" : "wrong")}"
        : one.Seen.Place;

    private static void Write(Utf8JsonWriter json, Explanation one)
    {
        json.WriteStartObject();
        json.WriteString("request", one.Request);
        json.WriteString("endpoint", one.Seen.Endpoint);
        json.WriteString("scope", one.Seen.Scope);
        json.WriteString("place", one.Seen.Place);
        if (one.Seen.Key is { } key)
        {
            json.WriteString("display", key.Display);
            json.WriteString("environment", key.IsTest ? "test" : "live");
            json.WriteBoolean("checksum", key.HasValidChecksum);
        }
        json.WriteBoolean("accepted", one.IsAccepted);
        json.WriteString("code", one.Seen.Code);
        json.WriteStartArray("remarks");
        foreach (var remark in one.Remarks)
        {
            json.WriteStartObject();
            json.WriteBoolean("refuses", remark.Refuses);
            json.WriteString("what", remark.What);
            json.WriteString("remedy", remark.Remedy);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
