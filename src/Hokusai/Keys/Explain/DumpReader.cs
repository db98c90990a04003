using System.Globalization;
using System.Text.Json;

namespace Hokusai.Keys.Explain;

/// <summary>Reads requests out of what <c>curl -v</c> prints, a HAR file, or raw HTTP; which of them it is, the text says itself.</summary>
internal static class DumpReader
{
    /// <exception cref="CommandFailure">There is no request in it.</exception>
    public static IReadOnlyList<RequestDump> Read(string text)
    {
        var requests = text.TrimStart('\uFEFF', ' ', '\r', '\n', '\t').StartsWith('{') ? ReadHar(text) : IsCurl(text) ? ReadCurl(text) : ReadRaw(text);
        return requests.Count > 0 ? requests : throw CommandFailure.Usage("there is no request in it: give what curl -v prints, a HAR file, or raw HTTP (GET /path HTTP/1.1 and headers)");
    }

    private static bool IsCurl(string text) => Lines(text).Any(line => line.StartsWith("> ", StringComparison.Ordinal) && IsRequestLine(line[2..]));

    private static List<RequestDump> ReadCurl(string text)
    {
        var requests = new List<RequestDump>();
        var (open, isOpen) = (new List<string>(), false);
        foreach (var line in Lines(text))
        {
            if (line.StartsWith("> ", StringComparison.Ordinal) && IsRequestLine(line[2..])) (open, isOpen) = ([line[2..]], true);
            else if (isOpen && line.StartsWith("> ", StringComparison.Ordinal) && line.Length > 2) open.Add(line[2..]);
            else if (isOpen && line.StartsWith('>'))
            {
                requests.Add(FromLines(open));
                isOpen = false;
            }
            else if (line.StartsWith("< ", StringComparison.Ordinal) && requests.Count > 0) requests[^1] = Answered(requests[^1], line[2..]);
        }
        if (isOpen) requests.Add(FromLines(open));
        return requests;
    }

    private static RequestDump Answered(RequestDump request, string line)
    {
        if (line.StartsWith("HTTP/", StringComparison.OrdinalIgnoreCase)) return request with { Status = line.Split(' ') is [_, var code, ..] && int.TryParse(code, CultureInfo.InvariantCulture, out var status) ? status : null };
        return request.Status is >= 300 and < 400 && line.StartsWith("location:", StringComparison.OrdinalIgnoreCase) ? request with { RedirectedTo = line["location:".Length..].Trim() } : request;
    }

    private static List<RequestDump> ReadRaw(string text)
    {
        var lines = Lines(text).SkipWhile(line => !IsRequestLine(line)).TakeWhile(line => line.Length > 0).ToList();
        return lines.Count > 0 ? [FromLines(lines)] : [];
    }

    private static List<RequestDump> ReadHar(string text)
    {
        try
        {
            using var har = JsonDocument.Parse(text.TrimStart('\uFEFF'));
            return [.. har.RootElement.GetProperty("log").GetProperty("entries").EnumerateArray().Select(FromHar)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            throw CommandFailure.Usage("begins like a HAR file and is none: log.entries with requests is missing");
        }
    }

    private static RequestDump FromHar(JsonElement entry)
    {
        var request = entry.GetProperty("request");
        var url = new Uri(request.GetProperty("url").GetString()!);
        var response = entry.TryGetProperty("response", out var found) ? found : default;
        var isAnswered = response.ValueKind == JsonValueKind.Object;
        return new RequestDump(request.GetProperty("method").GetString()!, url.PathAndQuery, url.Authority,
            [.. request.GetProperty("headers").EnumerateArray().Select(h => (h.GetProperty("name").GetString()!, h.GetProperty("value").GetString() ?? "")).Where(h => !h.Item1.StartsWith(':'))])
        {
            Status = isAnswered && response.TryGetProperty("status", out var status) ? status.GetInt32() : null,
            RedirectedTo = isAnswered && response.TryGetProperty("redirectURL", out var to) && to.GetString() is { Length: > 0 } url2 ? url2 : null,
        };
    }

    private static RequestDump FromLines(List<string> lines)
    {
        var first = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0].Trim(), pair[1].Trim())).ToList();
        return new RequestDump(first[0], first[1], headers.Find(h => h.Item1.Equals("Host", StringComparison.OrdinalIgnoreCase)).Item2 ?? "", headers);
    }

    private static bool IsRequestLine(string line) => line.Split(' ') is [{ Length: > 0 } method, ['/' or 'h', ..], var version] && method.All(char.IsAsciiLetterUpper) && version.StartsWith("HTTP/", StringComparison.Ordinal);

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.TrimEnd('\r'));
}
