using System.Text.Json;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Audit;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Validation;

/// <summary><c>POST /api/v1/keys/uses</c>: what gateways saw of keys. Refusals go into the audit log.</summary>
internal sealed class UsesEndpoint(DenialLog denials)
{
    public async Task HandleAsync(HttpContext http)
    {
        KeyUses? uses;
        try
        {
            uses = await JsonSerializer.DeserializeAsync(http.Request.Body, KeyValidationJson.Default.KeyUses, http.RequestAborted);
        }
        catch (JsonException)
        {
            uses = null;
        }
        if (uses is null)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.InvalidParameterValue, "The body is no report of uses and refusals.");
            return;
        }
        denials.Reported(uses.Denials ?? []);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
