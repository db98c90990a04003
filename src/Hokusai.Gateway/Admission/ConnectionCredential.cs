using Hokusai.Contracts;
using Hokusai.Gateway.Connections;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Remembers for each connection what its last credential said: a client sends the same one with each request, and reading and hashing
/// it anew is a tenth of what the gateway itself does for a request.
/// </summary>
internal sealed class ConnectionCredential
{
    private readonly string _header;
    private readonly Credential _credential;

    private ConnectionCredential(string header, Credential credential) => (_header, _credential) = (header, credential);

    /// <summary>Like <see cref="CredentialReader.Read"/>.</summary>
    public static Credential Read(HttpContext http, ReadOnlySpan<char> query)
    {
        var headers = http.Request.Headers;
        // Two headers are rare and may contradict each other; a key in the query is a fault whatever the headers say.
        if (headers.Authorization is not [{ Length: > 0 } header] || headers[HokusaiHeaders.ApiKey].Count > 0 || CredentialReader.HoldsKey(query) || ClientConnection.Of(http) is not { } connection)
            return CredentialReader.Read(http.Request, query);
        if (connection.Credential is { } known && known._header == header) return known._credential;
        return (connection.Credential = new ConnectionCredential(header, CredentialReader.ReadHeaders(http.Request)))._credential;
    }
}
