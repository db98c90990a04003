using System.Globalization;
using Hokusai.Contracts.Errors;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Store;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Keys.Import;

/// <summary><c>POST /api/v1/keys/import</c>: takes in keys that another platform issued, all or none. The body is the file.</summary>
internal sealed class ImportEndpoint(KeyStore store, Callers callers, TimeProvider time)
{
    public async Task HandleAsync(HttpContext http)
    {
        if (await callers.RequireAdminAsync(http) is not { } admin) return;
        using var reader = new StreamReader(http.Request.Body);
        var now = time.GetUtcNow();
        var file = ImportFile.Read(await reader.ReadToEndAsync(http.RequestAborted), admin.Terms.UserId, now);
        if (file.Faults.Count > 0)
        {
            var denial = new ImportDenial(MlflowErrorCodes.InvalidParameterValue, $"{file.Faults.Count} line{(file.Faults.Count == 1 ? "" : "s")} can't be imported, so none was.", file.Faults);
            await Reply.JsonAsync(http, StatusCodes.Status400BadRequest, denial, KeyJson.Default.ImportDenial);
            return;
        }
        var stored = await store.ImportAsync([.. file.Keys.Select(entry => (entry.Key, entry.Terms))], admin.Id, http.RequestAborted);
        var imported = stored.Where(entry => !entry.Known).Select(entry => entry.Key).ToList();
        var known = stored.Select((entry, i) => (entry.Key, entry.Known, file.Keys[i].Line)).Where(entry => entry.Known)
            .Select(entry => new ImportNote(entry.Line, string.Create(CultureInfo.InvariantCulture, $"{entry.Key.Display} is known already as {entry.Key.Id}, which stays as it is")));
        var answer = new KeyImport([.. imported.Select(key => KeyDescription.Of(key, now))], [.. file.Duplicates.Concat(known).OrderBy(note => note.Line)]);
        await Reply.JsonAsync(http, StatusCodes.Status200OK, answer, KeyJson.Default.KeyImport);
    }
}
