using Hokusai.Keys.Administration;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Peppers;

/// <summary><c>GET /api/v1/keys/peppers</c>: how many keys hang on which pepper, for admins.</summary>
internal sealed class PepperEndpoint(PepperStore peppers, Callers callers)
{
    public async Task HandleAsync(HttpContext http)
    {
        if (await callers.RequireAdminAsync(http) is null) return;
        await Reply.JsonAsync(http, StatusCodes.Status200OK, new PepperList(await peppers.StatusAsync(http.RequestAborted)), PepperJson.Default.PepperList);
    }
}
