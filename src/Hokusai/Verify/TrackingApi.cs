using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Hokusai.Verify;

/// <summary>MLflow's REST calls. Success is exactly 200 with a JSON object, as MLflow's client demands.</summary>
internal sealed class TrackingApi(VerifyHttp http, TrackingAddress address)
{
    private const string Prefix = "/api/2.0/mlflow/";

    public Task<Reply> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    public Task<Reply> PostAsync(string path, JsonObject body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, body, cancellation);

    public Task<Reply> PatchAsync(string path, JsonObject body, CancellationToken cancellation) => SendAsync(HttpMethod.Patch, path, body, cancellation);

    /// <summary>MLflow's deletions carry a JSON body.</summary>
    public Task<Reply> DeleteAsync(string path, JsonObject body, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, path, body, cancellation);

    /// <summary>Path and query with every value escaped.</summary>
    public static string Query(string path, params ReadOnlySpan<(string Name, string Value)> values)
    {
        var text = new StringBuilder(path);
        foreach (var (name, value) in values) text.Append(text.Length == path.Length ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return text.ToString();
    }

    /// <summary>The server's version, as text. Also tells whether the URL leads to MLflow at all.</summary>
    public async Task<string> VersionAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address.Url + "/version");
        var call = VerifyHttp.Name(request);
        var version = (await TextAsync(request, call, cancellation)).Trim();
        return version.Length is > 0 and <= 40 && char.IsAsciiDigit(version[0])
            ? version
            : throw new StepFailedException($"{call}: answered 200, but with no version number: this is not the URL of a tracking server");
    }

    private async Task<Reply> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address.Url + Prefix + path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        var call = VerifyHttp.Name(request);
        return Reply.Parse(call, await TextAsync(request, call, cancellation));
    }

    private async Task<string> TextAsync(HttpRequestMessage request, string call, CancellationToken cancellation)
    {
        using var deadline = http.ForCall(cancellation);
        return await http.SendAsync(request, deadline, async response =>
        {
            var text = await VerifyHttp.ReadTextAsync(response, deadline);
            return response.StatusCode == HttpStatusCode.OK ? text : throw ErrorAnswer.Read(call, response, text);
        });
    }
}
