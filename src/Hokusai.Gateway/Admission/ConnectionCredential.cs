using Hokusai.Contracts;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Remembers for each connection what its last credential said: a client sends the same one with each request, and reading and hashing
/// it anew is a tenth of what the gateway itself does for a request.
/// </summary>
internal sealed class ConnectionCredential
{
    private static readonly object Place = new();

    private string _header = "";
    private Credential _credential;

    /// <summary>Like <see cref="CredentialReader.Read"/>.</summary>
    public static Credential Read(HttpContext http, ReadOnlySpan<char> query)
    {
        var headers = http.Request.Headers;
        // Two headers are rare and may contradict each other; a key in the query is a fault whatever the headers say.
        if (headers.Authorization is not [{ Length: > 0 } header] || headers[HokusaiHeaders.ApiKey].Count > 0 || CredentialReader.HoldsKey(query) || http.Features.Get<IConnectionItemsFeature>() is not { Items: { } items })
            return CredentialReader.Read(http.Request, query);
        if (items.TryGetValue(Place, out var known) && known is ConnectionCredential same && same._header == header) return same._credential;
        var read = new ConnectionCredential { _header = header, _credential = CredentialReader.ReadHeaders(http.Request) };
        items[Place] = read;
        return read._credential;
    }
}
