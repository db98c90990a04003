using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hokusai.Contracts.Errors;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Telemetry;

/// <summary>Answers of the endpoints under <c>/hokusai/</c>: whole, with a length, and never kept by a cache.</summary>
internal static class TelemetryReply
{
    // Quotes and umlauts stay readable: people read this with curl.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    public static async Task WriteAsync(HttpContext http, int status, string type, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    public static Task WriteJsonAsync(HttpContext http, int status, Action<Utf8JsonWriter> write) => WriteAsync(http, status, "application/json", Json(write));

    /// <summary>One JSON text, indented.</summary>
    public static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Readable)) write(json);
        return buffer.WrittenMemory;
    }

    public static Task WriteErrorAsync(HttpContext http, int status, string errorCode, string code, string message, string hint) =>
        WriteAsync(http, status, "application/json", new ErrorBody(errorCode, message, code, http.Response.Headers[Contracts.HokusaiHeaders.RequestId].ToString(), "OwnEndpoint", hint).ToUtf8());

    /// <summary>Whether the method is one of those; answers 405 if it is not.</summary>
    public static async ValueTask<bool> AllowAsync(HttpContext http, string methods)
    {
        if (methods.Split(", ").Contains(http.Request.Method)) return true;
        http.Response.Headers.Allow = methods;
        await WriteErrorAsync(http, StatusCodes.Status405MethodNotAllowed, MlflowErrorCodes.EndpointNotFound, "HKS-ROUTE-METHOD", "The endpoint does not take this method.", "The Allow header names those that it takes.");
        return false;
    }
}
