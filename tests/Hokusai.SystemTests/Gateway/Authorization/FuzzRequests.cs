using System.Globalization;
using System.Text;
using System.Text.Json;
using Hokusai.Gateway.Catalogue;

namespace Hokusai.SystemTests.Gateway.Authorization;

/// <summary>Odd requests, each made of a seed: the same seed makes the same bytes. They begin as requests that MLflow understands and are then bent.</summary>
internal sealed class FuzzRequests(IReadOnlyList<string> keys)
{
    // What stands for the same thing as the plain text for one reader or another, or for nothing good.
    private static readonly string[] InPaths =
    [
        "//", "/./", "/../", "/%2e%2e/", "/%2E%2E%2F", "%2f", "%252f", "%5c", "\\", ";", ";x=1", "/;/", "%00", "%0a", "%0d%0a", "%", "%zz", "%c0%af", "é", "\u0001", "?", "#", "%3f", "%23", "..;/", " ", "%20", "+", "*", "~", "%u002f", "\u007f", "/",
    ];

    private static readonly string[] Methods =
    [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "Post", "pOST", "GETT", "G", "QUERY", "PROPFIND", "POST\t", "PO ST", "P\u00f6ST", "PATCH1", "M-SEARCH", "_", "GET/POST",
    ];

    private static readonly string[] HeaderLines =
    [
        "X-HTTP-Method-Override: DELETE", "X-HTTP-Method: POST", "X-Method-Override: GET", "X-HTTP-Method-Override: GET\r\nX-HTTP-Method-Override: POST", "X-Original-URL: /api/2.0/mlflow/experiments/delete", "X-Rewrite-URL: /version",
        "X-Forwarded-Prefix: /api", "X-Hokusai-Key-Id: key_admin", "X_Hokusai_Key_Id: key_admin", "X-Hokusai-Scopes: admin", "X_HOKUSAI_SCOPES: admin", "X-Folded: a\r\n b", "X-Odd: \u00e9\u00ff", "X-Empty:", "X-Space : a", ": no name", "no colon",
        "Content-Type: text/plain", "Content-Type: application/json\r\nContent-Type: text/plain", "Content-Encoding: gzip", "Transfer-Encoding: identity", "Transfer-Encoding: chunked", "Content-Length: 1", "Expect: 100-continue", "Expect: 200-ok", "Host: other",
        "Accept-Encoding: gzip", "Connection: X-Hokusai-Key-Id", "Upgrade: h2c", "Range: bytes=0-1", "If-None-Match: *", "X-MLFLOW-WORKSPACE: w", "X-MLflow-Experiment-Id: 2", "x_mlflow_experiment_id: 1", "Origin: http://evil.example", "Cookie: a=b; c",
    ];

    private static readonly (string Method, string Path, MlflowEndpoint Endpoint)[] Endpoints = [.. RouteCatalogue.Build().Entries];

    private static readonly string[] Experiments = ["1", "2", "0", "1", "2", "01", "+2", " 2", "2 ", "2\u0000", "\u0662", "1,2", "2#"];
    private static readonly string[] Runs = ["r1", "r2", "r1", "r2", "R2", "r2/", "r%32", "r9"];
    private static readonly string[] LoggedModels = ["m-1", "m-2", "m-1", "m-2", "m%2d2", "M-2"];
    private static readonly string[] Names = ["open", "secret", "open-1", "secret-1", "open\u0000secret", "opensecret", "Secret", "sécret", "", "*", "!open", "secret "];
    private static readonly string[] Sources = ["mlflow-artifacts:/1/r1/artifacts", "mlflow-artifacts:/2/r2/artifacts", "mlflow-artifacts://h/2/r2", "mlflow-artifacts:/1/%2e%2e/2", "runs:/r2/m", "runs:/r1/m", "models:/m-2", "models:/secret/1", "models:/open/1", "s3://b/2", "file:///etc", "dummy-source", "MLFLOW-ARTIFACTS:/2/x"];

    /// <summary>The bytes of a request.</summary>
    /// <param name="seed">Which one.</param>
    /// <param name="key">The key that it carries.</param>
    /// <param name="last">Whether its length can be read in two ways, so that nothing can follow it on its connection.</param>
    public byte[] Make(long seed, out int key, out bool last)
    {
        var random = new Random(unchecked((int)(seed ^ (seed >> 32)) * 16777619));
        var (method, template, endpoint) = Endpoints[random.Next(Endpoints.Length)];
        var path = PathOf(random, template);
        var (query, body) = FieldsOf(random, endpoint, method);
        List<string> headers = [];
        for (var bends = random.Next(4); bends > 0; bends--) Bend(random, ref method, ref path, ref query, ref body, headers);
        key = random.Next(keys.Count);
        last = headers.Exists(IsFraming);
        return Bytes(random, method, path + query, body, headers, keys[key]);
    }

    private static void Bend(Random random, ref string method, ref string path, ref string query, ref string? body, List<string> headers)
    {
        switch (random.Next(12))
        {
            case 0: path = path.Insert(random.Next(path.Length + 1), One(random, InPaths)); break;
            case 1: path = Escape(random, path); break;
            case 2: path = One(random, ["/api/mlflow", "/mlflow", "/API/MLFLOW", "/api/mlflow/api/mlflow", "/api/mlflow/", "/mlflow/mlflow", "http://h", "http://h/api/mlflow", "//h", "/api%2fmlflow", "/api/mlflow/..", "/hokusai/.."]) + path; break;
            case 3: path = Twin(random, path); break;
            case 4: path = random.Next(3) == 0 ? path.ToUpperInvariant() : random.Next(2) == 0 ? path + "/" : path + "/" + new string('a', random.Next(9000)); break;
            case 5: method = One(random, Methods); break;
            case 6: headers.Add(random.Next(20) == 0 ? "X-Huge: " + new string('h', random.Next(70_000)) : One(random, HeaderLines)); break;
            case 7: headers.Add(One(random, HeaderLines)); break;
            case 8 when body is { Length: > 1 }: body = body.Insert(random.Next(body.Length), One(random, ["\"", "{", "}", ",", "\u0000", "\\ud800", "null", " ", "[", "\ufeff", "/*x*/"])); break;
            case 9 when body is not null: body = One(random, [JsonSerializer.Serialize(body), "[" + body + "]", body + body, "", " " + body, "\ufeff" + body]); break;
            case 10: query = query.Length == 0 ? "?" + One(random, ["experiment_id=1", "experiment_id=2", "run_id=r2", "name=secret", "x"]) : query + "&" + query[1..]; break;
            default: body ??= """{"experiment_id":"2","run_id":"r2","name":"secret"}"""; break;
        }
    }

    private static string PathOf(Random random, string template) => string.Join('/', template.Split('/').Select(segment => segment switch
    {
        "{*path}" => One(random, ["1/r1/artifacts/a", "2/r2/artifacts/a", "1/../2/r2", "1/%2e%2e/2", "1%2f..%2f2", "%32/r2/a", "2", "./2/a", "1//../2", "1/%252e%252e/2/a", "1/%2%0952e%2e/2", "a"]),
        "{model_id}" => One(random, LoggedModels),
        ['{', ..] => "x1",
        _ => segment,
    }));

    private static (string Query, string? Body) FieldsOf(Random random, MlflowEndpoint endpoint, string method)
    {
        List<(string Name, string Json)> fields = [];
        foreach (var field in endpoint.Reach.Fields.Where(field => field.Place is FieldPlace.Message or FieldPlace.Query))
        {
            for (var times = random.Next(12) switch { 0 => 0, 1 => 2, _ => 1 }; times > 0; times--) fields.Add(Field(random, field));
        }
        if (endpoint.Reach.Search is not null) fields.AddRange(One<(string, string)[]>(random, [[], [("max_results", "2")], [("max_results", "\"1\""), ("page_token", "\"eyJvZmZzZXQiOiAxfQ==\"")], [("maxResults", "1"), ("max_results", "50000")]]));
        var inQuery = method == "GET" || endpoint.Label.EndsWith("upload-artifact", StringComparison.Ordinal);
        if (random.Next(30) == 0) inQuery = !inQuery;
        if (endpoint.Body == BodyClass.Artifact && !inQuery) return ("", "bytes");
        return inQuery
            ? (fields.Count == 0 ? "" : "?" + string.Join('&', fields.SelectMany(field => Pairs(random, field))), method == "GET" ? null : "bytes")
            : ("", "{" + string.Join(',', fields.Select(field => $"\"{field.Name}\":{field.Json}")) + "}");
    }

    private static (string, string) Field(Random random, ResourceField field)
    {
        var value = JsonSerializer.Serialize(One(random, field.Kind switch
        {
            ResourceKind.ExperimentId => Experiments,
            ResourceKind.Run => Runs,
            ResourceKind.LoggedModel => LoggedModels,
            ResourceKind.Location => Sources,
            ResourceKind.ArtifactPath => ["1/r1", "2/r2", "", "1/../2", "%32"],
            _ => Names,
        }));
        if (random.Next(15) == 0) value = One(random, ["1", "2", "2.0", "null", "true", "[\"2\"]", "{\"a\":2}", "\"\\ud800\""]);
        var names = One(random, field.Name.Split('|')).Split('.');
        for (var i = 0; i < names.Length; i++)
        {
            if (random.Next(6) == 0) names[i] = Hokusai.Gateway.Authorization.RequestFields.CamelCase(names[i]);
            if (random.Next(20) == 0) names[i] = names[i].Replace("e", "\\u0065", StringComparison.Ordinal);
        }
        if (field.IsList) value = random.Next(5) == 0 ? value : $"[{value}]";
        for (var i = names.Length - 1; i > 0; i--) value = names[i - 1].EndsWith("[]", StringComparison.Ordinal) ? $"[{{\"{names[i]}\":{value}}}]" : $"{{\"{names[i]}\":{value}}}";
        return (names[0].Replace("[]", "", StringComparison.Ordinal), value);
    }

    private static IEnumerable<string> Pairs(Random random, (string Name, string Json) field)
    {
        using var json = JsonDocument.Parse(field.Json);
        JsonElement[] values = json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray()] : [json.RootElement];
        return [.. values.Select(value => Escape(random, field.Name, 20) + "=" + (value.ValueKind == JsonValueKind.String && !field.Json.Contains("\\u", StringComparison.Ordinal) ? Uri.EscapeDataString(value.GetString()!) : Uri.EscapeDataString(value.GetRawText())))];
    }

    private static string Twin(Random random, string path)
    {
        string[] twins = ["/api/2.0", "/ajax-api/2.0", "/api/3.0", "/ajax-api/3.0", "/api/4.0", "/Api/2.0", "/api/2", "/preview/api/2.0", "/api/2.0/preview"];
        var found = twins.Take(4).FirstOrDefault(twin => path.StartsWith(twin, StringComparison.Ordinal));
        return found is null ? path : One(random, twins) + path[found.Length..];
    }

    private static string Escape(Random random, string text, int oneIn = 6)
    {
        var escaped = new StringBuilder();
        foreach (var c in text) escaped.Append(c < 128 && c != '%' && random.Next(oneIn) == 0 ? string.Create(CultureInfo.InvariantCulture, $"%{(int)c:x2}") : c.ToString());
        return escaped.ToString();
    }

    private static byte[] Bytes(Random random, string method, string target, string? body, List<string> headers, string key)
    {
        var content = body is null ? [] : Encoding.UTF8.GetBytes(body);
        var head = new StringBuilder().Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ").Append(key).Append("\r\nX-Fuzz: 1\r\n");
        foreach (var header in headers) head.Append(header).Append("\r\n");
        if (content.Length > 0 && !headers.Exists(header => header.StartsWith("Content-Type", StringComparison.Ordinal))) head.Append("Content-Type: application/json\r\n");
        var chunked = content.Length > 0 && random.Next(8) == 0;
        if (chunked) head.Append("Transfer-Encoding: chunked\r\n");
        else if (body is not null) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n");
        head.Append("\r\n");
        if (chunked) head.Append(CultureInfo.InvariantCulture, $"{content.Length:x}\r\n");
        // Paths of letters beyond ASCII go out as UTF-8, headers as Latin-1: both are what odd clients do.
        var begin = random.Next(2) == 0 ? Encoding.Latin1.GetBytes(head.ToString()) : Encoding.UTF8.GetBytes(head.ToString());
        return [.. begin, .. content, .. chunked || headers.Exists(IsFraming) ? "\r\n0\r\n\r\n"u8.ToArray() : []];
    }

    private static bool IsFraming(string header) => header.StartsWith("Transfer-Encoding", StringComparison.Ordinal) || header.StartsWith("Content-Length", StringComparison.Ordinal);

    private static T One<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
