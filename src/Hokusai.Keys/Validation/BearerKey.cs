using Hokusai.Contracts.Keys;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Validation;

/// <summary>The key in <c>Authorization: Bearer</c>, the one place where this service looks.</summary>
internal static class BearerKey
{
    private const string Scheme = "Bearer ";

    public static bool TryRead(HttpRequest request, out ApiKey key)
    {
        key = default;
        string? header = request.Headers.Authorization;
        return header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && ApiKey.TryParse(header[Scheme.Length..].Trim(), out key);
    }
}
