using System.Text;
using Hokusai.Tracking.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Hokusai.Tracking.Artifacts;

/// <summary>How a stored file goes to a client.</summary>
internal static class ArtifactContent
{
    // MLflow serves these as plain text, so that a browser shows them; clients compare the type exactly.
    private static readonly HashSet<string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml", "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst",
        "mlmodel", "mlproject",
    };

    private static readonly string[] OfFiles = [HeaderNames.ContentDisposition, HeaderNames.ContentRange, HeaderNames.AcceptRanges, HeaderNames.LastModified];

    private static readonly FileExtensionContentTypeProvider Known = new();

    /// <summary>Answers with the file, as a whole or the asked range. Always as an attachment: stored HTML must never run in the server's name.</summary>
    public static async Task SendAsync(HttpContext http, IArtifactStore store, string below, string path)
    {
        var partly = http.Request.Headers.Range.Count > 0;
        if (await store.FindAsync(below, partly, http.RequestAborted) is not { } file) throw ApiException.NotFound($"No such artifact: '{path}'");
        http.Response.Headers.ContentDisposition = Disposition(file.Name);
        try
        {
            await file.As(TypeOf(file.Name)).ExecuteAsync(http);
        }
        catch (ArtifactStoreException) when (!http.Response.HasStarted)
        {
            // What was said of the file does not hold for the error that is answered in its place.
            foreach (var header in OfFiles) http.Response.Headers.Remove(header);
            throw;
        }
    }

    public static string TypeOf(string name)
    {
        var dot = name.LastIndexOf('.');
        if (Texts.Contains(dot < 0 ? name : name[(dot + 1)..])) return "text/plain";
        return Known.TryGetContentType(name, out var type) ? type : "application/octet-stream";
    }

    private static string Disposition(string name)
    {
        if (name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '+')) return "attachment; filename=" + name;
        var ascii = new StringBuilder(name.Length);
        foreach (var c in name) ascii.Append(char.IsAscii(c) && !char.IsControl(c) && c is not ('"' or '\\') ? c : '_');
        return $"attachment; filename=\"{ascii}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
