using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys;

/// <summary>Answers of the auth service: always JSON, never stored by anything in between.</summary>
internal static class Reply
{
    public static async Task JsonAsync<T>(HttpContext http, int status, T body, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    public static Task ErrorAsync(HttpContext http, int status, string errorCode, string message) =>
        JsonAsync(http, status, new Contracts.Keys.KeyDenial(errorCode, message), Contracts.Keys.KeyValidationJson.Default.KeyDenial);
}
