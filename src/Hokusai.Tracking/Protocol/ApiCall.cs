using System.Buffers;
using System.Text.Json;
using Hokusai.Contracts.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Tracking.Protocol;

/// <summary>One request to one endpoint: its fields, the values in its path, and how to answer it.</summary>
internal sealed class ApiCall(HttpContext http, IReadOnlyList<string> parameters) : IDisposable
{
    private JsonDocument? _document;
    private RequestMessage? _message;

    public HttpContext Http => http;

    /// <summary>Raw values of the path's placeholders, in order.</summary>
    public IReadOnlyList<string> Parameters => parameters;

    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>The request's fields. <see cref="ReadMessageAsync"/> must have run.</summary>
    public RequestMessage Message => _message ?? throw new InvalidOperationException("the message was not read");

    /// <summary>Whether the client's version knows the fields that MLflow 3 added to answers. Old clients get old answers.</summary>
    public bool ClientKnowsLoggedModels => ClientVersion.Major(http.Request.Headers.UserAgent) is not < 3;

    public async Task ReadMessageAsync()
    {
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var query = RawTarget.QueryOf(target);
        if ((HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) && query.Length > 1)
        {
            _message = new RequestMessage(new QueryFields(query));
            return;
        }
        RequireJsonContentType();
        _document = await ParseAsync();
        _message = new RequestMessage(_document?.RootElement ?? default);
    }

    public Task ReplyEmpty() => Reply(static _ => { });

    /// <summary>Answers 200 with one JSON object whose fields the action writes.</summary>
    public Task Reply(Action<Utf8JsonWriter> write) => WriteObject(http, StatusCodes.Status200OK, write);

    public static Task ReplyError(HttpContext http, ApiException error) => WriteObject(http, error.Status, json =>
    {
        json.WriteString("error_code", error.ErrorCode);
        json.WriteString("message", error.Message);
    });

    public void Dispose() => _document?.Dispose();

    private static async Task WriteObject(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        await using (var json = new Utf8JsonWriter(buffer, JsonWriting.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    // The check also keeps a foreign web page's form from posting here.
    private void RequireJsonContentType()
    {
        if (!HttpMethods.IsPost(http.Request.Method) && !HttpMethods.IsPut(http.Request.Method)) return;
        var type = http.Request.ContentType;
        if (string.IsNullOrEmpty(type)) throw new ApiException("BAD_REQUEST", "Bad Request. Content-Type header is missing.");
        if (!type.AsSpan(0, type.IndexOf(';', StringComparison.Ordinal) is var end and >= 0 ? end : type.Length).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw new ApiException("BAD_REQUEST", "Bad Request. Content-Type must be one of ['application/json'].");
    }

    private async Task<JsonDocument?> ParseAsync()
    {
        try
        {
            var document = await JsonDocument.ParseAsync(http.Request.Body, default, Aborted);
            if (document.RootElement.ValueKind == JsonValueKind.String)
            {
                // Old clients encode twice: the body is a JSON text that holds JSON.
                var inner = document.RootElement.GetString()!;
                document.Dispose();
                document = JsonDocument.Parse(inner);
            }
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // As in MLflow: what can't be read has no fields, and the first required one is reported as missing.
        }
        return null;
    }
}
