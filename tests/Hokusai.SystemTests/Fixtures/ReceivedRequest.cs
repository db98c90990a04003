using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>What a scripted server was sent.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The request target as it stood on the wire.</param>
/// <param name="Headers">The headers, by name without regard to case.</param>
internal sealed record ReceivedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body, once it was read.</summary>
    public byte[]? Body { get; private set; }

    /// <summary>A header's values with commas between them; null if it was not sent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public static ReceivedRequest Of(HttpContext http) => new(
        http.Request.Method,
        http.Features.Get<IHttpRequestFeature>()!.RawTarget,
        http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));

    public async Task ReadBodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        Body = body.ToArray();
    }
}
