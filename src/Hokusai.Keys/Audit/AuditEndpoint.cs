using System.Globalization;
using Hokusai.Keys.Administration;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Audit;

/// <summary><c>GET /api/v1/keys/audit?after=SEQ</c>: entries after a number, a page at a time, for admins.</summary>
internal sealed class AuditEndpoint(AuditTrail trail, Callers callers)
{
    private const int PageLength = 1000;

    public async Task HandleAsync(HttpContext http)
    {
        if (await callers.RequireAdminAsync(http) is null) return;
        var after = long.TryParse(http.Request.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        await Reply.JsonAsync(http, StatusCodes.Status200OK, await trail.ReadAsync(after, PageLength, http.RequestAborted), AuditJson.Default.AuditPage);
    }
}
