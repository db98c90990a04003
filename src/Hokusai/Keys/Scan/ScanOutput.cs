using System.Globalization;
using System.Text.Json;

namespace Hokusai.Keys.Scan;

/// <summary>What a scan prints: a line a finding, or one JSON object; in no case a key.</summary>
internal static class ScanOutput
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteTextAsync(TextWriter output, TextWriter notes, ScanReport report, IReadOnlyList<Finding> shown, TimeSpan took)
    {
        foreach (var found in shown) await output.WriteLineAsync($"{found.Place}:{found.Line}: {found.Display} {(found.IsCertain ? "certain" : "possible")} {found.Fingerprint}");
        foreach (var (place, reason) in report.Unread) await notes.WriteLineAsync($"not read: {place}: {reason}");
        foreach (var (reason, places) in report.LeftOut.GroupBy(left => left.Reason).Select(group => (group.Key, group.ToList())))
            await notes.WriteLineAsync($"left out: {places[0].Place}{(places.Count > 1 ? $" and {places.Count - 1} more (--json names them)" : "")}: {reason}");
        await notes.WriteLineAsync(Summary(report, shown, took));
    }

    public static async Task WriteJsonAsync(TextWriter output, ScanReport report, IReadOnlyList<Finding> shown, TimeSpan took)
    {
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteStartArray("findings");
            foreach (var found in shown)
            {
                json.WriteStartObject();
                json.WriteString("place", found.Place);
                json.WriteNumber("line", found.Line);
                json.WriteString("display", found.Display);
                json.WriteString("certainty", found.IsCertain ? "certain" : "possible");
                json.WriteString("fingerprint", found.Fingerprint);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WritePlaces(json, "not_read", report.Unread);
            WritePlaces(json, "left_out", report.LeftOut);
            json.WriteNumber("possible", report.Findings.Count(found => !found.IsCertain));
            json.WriteNumber("ignored", report.Ignored);
            json.WriteNumber("contents", report.Files);
            json.WriteNumber("bytes", report.Bytes);
            json.WriteNumber("seconds", Math.Round(took.TotalSeconds, 3));
            json.WriteEndObject();
        }
        await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void WritePlaces(Utf8JsonWriter json, string name, IReadOnlyList<(string Place, string Reason)> places)
    {
        json.WriteStartArray(name);
        foreach (var (place, reason) in places)
        {
            json.WriteStartObject();
            json.WriteString("place", place);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Summary(ScanReport report, IReadOnlyList<Finding> shown, TimeSpan took)
    {
        var (keys, megabytes) = (shown.Select(found => found.Fingerprint).Distinct().Count(), report.Bytes / 1e6);
        var hidden = report.Findings.Count - shown.Count;
        return string.Create(CultureInfo.InvariantCulture, $"{keys} {(keys == 1 ? "key" : "keys")} in {shown.Count} {(shown.Count == 1 ? "place" : "places")}; {report.Files} contents, {megabytes:0.0} MB in {took.TotalSeconds:0.00} s ({megabytes / Math.Max(took.TotalSeconds, 0.001):0} MB/s)")
            + (report.Ignored > 0 ? $"; {report.Ignored} ignored" : "") + (hidden > 0 ? $"; {hidden} of a key's form without its checksum (--all shows them)" : "") + (report.Unread.Count > 0 ? $"; {report.Unread.Count} not read" : "");
    }
}
