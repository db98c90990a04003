using System.Collections.Concurrent;
using System.Globalization;
using System.Xml.Linq;
using Hokusai.Serve;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>
/// As much of S3 as an artifact store uses, in memory, on a free port: objects, listings by page, multipart uploads, deletions of many.
/// It verifies the checksums that it is sent, and fails when a test says so.
/// </summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "artifact-tests";

    private const long LargestBody = 64 << 20;

    private readonly ConcurrentDictionary<string, S3Object> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, byte[]>> _uploads = new();
    private readonly ConcurrentQueue<S3Call> _calls = new();
    private RoleHost? _host;

    private S3Server()
    {
    }

    public string Url => _host!.Url;

    /// <summary>What stands in for an answer; returns false to have the true one.</summary>
    public Func<S3Call, HttpContext, Task<bool>> Script { get; set; } = static (_, _) => Task.FromResult(false);

    /// <summary>What was called, in order.</summary>
    public IReadOnlyCollection<S3Call> Calls => _calls;

    /// <summary>Keys of all objects, sorted by their bytes.</summary>
    public IReadOnlyList<string> Keys => [.. _objects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Multipart uploads that were begun and neither completed nor aborted.</summary>
    public int OpenUploads => _uploads.Count;

    /// <summary>What a process needs to call here: an address, a region, and credentials that are none.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["MLFLOW_S3_ENDPOINT_URL"] = Url,
        ["AWS_ACCESS_KEY_ID"] = "made-for-a-test",
        ["AWS_SECRET_ACCESS_KEY"] = "made-for-a-test",
        ["AWS_REGION"] = "eu-west-1",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
    };

    public static async Task<S3Server> StartAsync()
    {
        var server = new S3Server();
        server._host = await RoleHost.StartAsync(ListenAddress.Loopback(0), server.HandleAsync, NullLoggerFactory.Instance, new Hosting { LargestBody = LargestBody, Memory = LargeBlockFactory.Instead }, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        // The SDK looks for credentials in the environment, which all tests of this process share. The address differs by test and is given by option.
        foreach (var (name, value) in server.Environment.Where(setting => setting.Key.StartsWith("AWS_", StringComparison.Ordinal))) System.Environment.SetEnvironmentVariable(name, value);
        return server;
    }

    /// <summary>Puts an object there, as somebody else would.</summary>
    public void Put(string key, byte[] content) => _objects[key] = new S3Object([content]);

    public byte[] Read(string key) => [.. _objects[key].Pieces.SelectMany(piece => piece)];

    /// <summary>Fails calls of one operation with S3's XML.</summary>
    /// <param name="operation">Which.</param>
    /// <param name="status">The status.</param>
    /// <param name="code">S3's code.</param>
    /// <param name="times">How many of them; then all is well.</param>
    public void Fail(string operation, int status, string code, int times = int.MaxValue)
    {
        var left = times;
        Script = async (call, http) =>
        {
            if (call.Operation != operation || Interlocked.Decrement(ref left) < 0) return false;
            await FailAsync(http, status, code);
            return true;
        };
    }

    public async ValueTask DisposeAsync() => await _host!.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        var path = http.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0].TrimStart('/').Split('/', 2);
        var key = path.Length > 1 ? Uri.UnescapeDataString(path[1]) : "";
        var call = new S3Call(OperationOf(http, key), key, http.Request.Headers.Range, http.Request.Headers.Authorization);
        _calls.Enqueue(call);
        if (await Script(call, http)) return;
        if (path[0] != Bucket) await FailAsync(http, 404, "NoSuchBucket");
        else if (call.Operation == "") await FailAsync(http, 405, "MethodNotAllowed");
        else await AnswerAsync(call, http);
    }

    private Task AnswerAsync(S3Call call, HttpContext http) => call.Operation switch
    {
        "ListObjectsV2" => WriteAsync(http, S3Listing.Page([.. _objects.Select(found => (found.Key, found.Value.Length))], http.Request.Query)),
        "CreateMultipartUpload" => BeginAsync(call.Key, http),
        "CompleteMultipartUpload" => CompleteAsync(call.Key, http),
        "AbortMultipartUpload" => AbortAsync(http),
        "DeleteObjects" => DeleteAsync(http),
        "DeleteObject" => DeleteAsync(call.Key, http),
        "UploadPart" or "PutObject" => StoreAsync(call, http),
        _ => SendAsync(call.Key, http),
    };

    private static string OperationOf(HttpContext http, string key)
    {
        var query = http.Request.Query;
        return (http.Request.Method, query.ContainsKey("uploads"), query.ContainsKey("uploadId"), key.Length > 0) switch
        {
            ("GET", _, _, false) => "ListObjectsV2",
            ("GET", _, _, true) => "GetObject",
            ("HEAD", _, _, true) => "HeadObject",
            ("PUT", _, true, true) => "UploadPart",
            ("PUT", _, false, true) => "PutObject",
            ("POST", true, _, true) => "CreateMultipartUpload",
            ("POST", _, true, true) => "CompleteMultipartUpload",
            ("POST", _, _, false) when query.ContainsKey("delete") => "DeleteObjects",
            ("DELETE", _, true, true) => "AbortMultipartUpload",
            ("DELETE", _, false, true) => "DeleteObject",
            _ => "",
        };
    }

    private async Task StoreAsync(S3Call call, HttpContext http)
    {
        if (await S3Body.ReadAsync(http) is not { } body)
        {
            await FailAsync(http, 400, "BadDigest");
            return;
        }
        if (call.Operation == "PutObject") _objects[call.Key] = new S3Object([body]);
        else if (_uploads.TryGetValue(http.Request.Query["uploadId"].ToString(), out var parts)) parts[int.Parse(http.Request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = body;
        else
        {
            await FailAsync(http, 404, "NoSuchUpload");
            return;
        }
        http.Response.Headers.ETag = S3Object.ETagOf([body]);
        http.Response.Headers["x-amz-checksum-crc32"] = S3Body.Checksum([body]);
    }

    private Task BeginAsync(string key, HttpContext http)
    {
        var id = Guid.NewGuid().ToString("n");
        _uploads[id] = new ConcurrentDictionary<int, byte[]>();
        return WriteAsync(http, S3Listing.Element("InitiateMultipartUploadResult", S3Listing.Element("Bucket", Bucket), S3Listing.Element("Key", key), S3Listing.Element("UploadId", id)));
    }

    private async Task CompleteAsync(string key, HttpContext http)
    {
        var named = (await S3Body.ReadXmlAsync(http)).Descendants().Where(found => found.Name.LocalName == "PartNumber").Select(found => int.Parse(found.Value, CultureInfo.InvariantCulture)).ToList();
        if (!_uploads.TryRemove(http.Request.Query["uploadId"].ToString(), out var parts)) await FailAsync(http, 404, "NoSuchUpload");
        else if (!named.SequenceEqual(parts.Keys.Order())) await FailAsync(http, 400, "InvalidPart");
        else if (parts.OrderBy(part => part.Key).SkipLast(1).Any(part => part.Value.Length < 5 << 20)) await FailAsync(http, 400, "EntityTooSmall");
        else
        {
            _objects[key] = new S3Object([.. parts.OrderBy(part => part.Key).Select(part => part.Value)]);
            await WriteAsync(http, S3Listing.Element("CompleteMultipartUploadResult", S3Listing.Element("Key", key), S3Listing.Element("ETag", _objects[key].ETag)));
        }
    }

    private Task AbortAsync(HttpContext http)
    {
        if (!_uploads.TryRemove(http.Request.Query["uploadId"].ToString(), out _)) return FailAsync(http, 404, "NoSuchUpload");
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task DeleteAsync(string key, HttpContext http)
    {
        _objects.TryRemove(key, out _);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task DeleteAsync(HttpContext http)
    {
        var keys = (await S3Body.ReadXmlAsync(http)).Descendants().Where(found => found.Name.LocalName == "Key").Select(found => found.Value).ToList();
        if (keys.Count > 1000)
        {
            await FailAsync(http, 400, "MalformedXML");
            return;
        }
        foreach (var key in keys) _objects.TryRemove(key, out _);
        await WriteAsync(http, S3Listing.Element("DeleteResult"));
    }

    private Task SendAsync(string key, HttpContext http)
    {
        if (!_objects.TryGetValue(key, out var found)) return FailAsync(http, 404, "NoSuchKey");
        if (http.Request.Headers.IfMatch.Count > 0 && http.Request.Headers.IfMatch != found.ETag) return FailAsync(http, 412, "PreconditionFailed");
        return found.SendAsync(http);
    }

    private static Task WriteAsync(HttpContext http, XElement answer) => ScriptedServer.WriteAsync(http, 200, answer.ToString(SaveOptions.DisableFormatting), "application/xml");

    private static Task FailAsync(HttpContext http, int status, string code) =>
        ScriptedServer.WriteAsync(http, status, new XElement("Error", new XElement("Code", code), new XElement("Message", $"scripted {code}"), new XElement("RequestId", "1")).ToString(), "application/xml");
}

/// <summary>A call to S3.</summary>
internal sealed record S3Call(string Operation, string Key, string? Range, string? Authorization);
