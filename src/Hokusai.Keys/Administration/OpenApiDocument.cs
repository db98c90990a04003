using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Administration;

/// <summary><c>GET /api/v1/keys/openapi.json</c>: the description of this service. A test holds it to the routes and to the records that travel.</summary>
internal static class OpenApiDocument
{
    private static readonly byte[] Bytes = Load();

    public static async Task AnswerAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = Bytes.Length;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.WriteAsync(Bytes, http.RequestAborted);
    }

    private static byte[] Load()
    {
        using var stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
