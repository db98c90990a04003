using System.Text.Json;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Routing;
using Hokusai.Tracking.LoggedModels;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Registry;
using Hokusai.Tracking.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Tracking.Artifacts;

/// <summary>Artifacts through the server: the store that clients upload to, and the views of a run's, a version's and a logged model's files.</summary>
internal sealed class ArtifactEndpoints(ArtifactLocations locations, bool serve, RunStore runs, ModelVersionStore versions, LoggedModelStore models)
{
    private const int LargestUiUpload = 10 * 1024 * 1024;

    public IEnumerable<Route> Routes =>
    [
        new("GET", "/mlflow-artifacts/artifacts", Served(ListStore)),
        new("GET", "/mlflow-artifacts/artifacts/{*path}", Served(Download), ReadsMessage: false),
        new("PUT", "/mlflow-artifacts/artifacts/{*path}", Served(Upload), ReadsMessage: false),
        new("DELETE", "/mlflow-artifacts/artifacts/{*path}", Served(Delete), ReadsMessage: false),
        new("POST", "/mlflow-artifacts/mpu/create/{*path}", Served(NoMultipart), ReadsMessage: false),
        new("POST", "/mlflow-artifacts/mpu/complete/{*path}", Served(NoMultipart), ReadsMessage: false),
        new("POST", "/mlflow-artifacts/mpu/abort/{*path}", Served(NoMultipart), ReadsMessage: false),
        new("GET", "/mlflow/artifacts/list", ListRun),
        new("GET", "/mlflow/logged-models/{model_id}/artifacts/directories", ListLoggedModel),
        new("GET", "/mlflow/logged-models/{model_id}/artifacts/files", DownloadLoggedModel, RouteFamily.Ui),
        new("POST", "/mlflow/upload-artifact", UploadToRun, RouteFamily.Ui, ReadsMessage: false),
        new("GET", "/get-artifact", DownloadOfRun, RouteFamily.Root),
        new("GET", "/model-versions/get-artifact", DownloadOfVersion, RouteFamily.Root),
    ];

    private Func<ApiCall, Task> Served(Func<ApiCall, Task> handle) => serve ? handle : static call =>
    {
        call.Http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        call.Http.Response.ContentType = "text/plain";
        return call.Http.Response.WriteAsync("Artifact serving is disabled: start the server with --serve-artifacts, or read and write the artifacts at their own location.", call.Aborted);
    };

    private async Task ListStore(ApiCall call)
    {
        var entries = await locations.Destination.ListAsync(ArtifactPath.Clean(call.Message.Text("path") ?? ""), call.Aborted);
        await call.Reply(json => json.WriteList("files", entries, static (writer, entry) => Write(writer, entry.Path[(entry.Path.LastIndexOf('/') + 1)..], entry)));
    }

    private Task Download(ApiCall call)
    {
        var path = ArtifactPath.Clean(call.Parameters[0]);
        return ArtifactContent.SendAsync(call.Http, locations.Destination, path, path);
    }

    private async Task Upload(ApiCall call)
    {
        // Artifacts have no size limit: models are as large as they are.
        if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        await locations.Destination.WriteAsync(ArtifactPath.Clean(call.Parameters[0]), call.Http.Request.Body, call.Http.Request.ContentLength, call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task Delete(ApiCall call)
    {
        await locations.Destination.DeleteAsync(ArtifactPath.Clean(call.Parameters[0]), call.Aborted);
        await call.ReplyEmpty();
    }

    // Clients fall back to a plain PUT on exactly this opening, and on no other failure.
    private static Task NoMultipart(ApiCall call) =>
        throw new ApiException(MlflowErrorCodes.NotImplemented, "Multipart upload is not supported for the current artifact repository: send the file in a plain PUT, in any size.");

    private async Task ListRun(ApiCall call)
    {
        var location = await runs.ArtifactUriAsync(call.Message.RequiredRunId(), call.Aborted);
        await ReplyList(call, location, call.Message.Text("path"));
    }

    private async Task ListLoggedModel(ApiCall call)
    {
        var model = await models.GetAsync(call.Parameters[0], call.Aborted);
        await ReplyList(call, model.ArtifactUri, call.Message.Text("artifact_directory_path"));
    }

    private async Task DownloadLoggedModel(ApiCall call)
    {
        if (call.Message.Text("artifact_file_path") is not { Length: > 0 } path)
            throw new ApiException(MlflowErrorCodes.BadRequest, "Request must include the \"artifact_file_path\" query parameter.");
        var model = await models.GetAsync(call.Parameters[0], call.Aborted);
        await SendBelow(call, model.ArtifactUri, path);
    }

    private async Task DownloadOfRun(ApiCall call) =>
        await SendBelow(call, await runs.ArtifactUriAsync(call.Message.RequiredRunId(), call.Aborted), call.Message.RequiredText("path"));

    private async Task DownloadOfVersion(ApiCall call)
    {
        var message = call.Message;
        var location = await versions.StorageLocationAsync(message.RequiredText("name"), message.RequiredText("version"), call.Aborted);
        await SendBelow(call, location, message.RequiredText("path"));
    }

    private async Task UploadToRun(ApiCall call)
    {
        var query = new QueryFields(call.Http.Request.QueryString.Value);
        if (query.First("run_uuid") is not { Length: > 0 } runId) throw ApiException.Invalid("Request must specify run_uuid.");
        if (query.First("path") is not { Length: > 0 } path) throw ApiException.Invalid("Request must specify path.");
        if (call.Http.Request.ContentLength is 0) throw ApiException.Invalid("Request must specify data.");
        if (call.Http.Request.ContentLength is null or > LargestUiUpload) throw ApiException.Invalid("Artifact size is too large. Max size is 10MB.");
        var (store, below) = locations.Resolve(await runs.ArtifactUriAsync(runId, call.Aborted), ArtifactPath.Clean(path));
        await store.WriteAsync(below, call.Http.Request.Body, call.Http.Request.ContentLength, call.Aborted);
    }

    private async Task SendBelow(ApiCall call, string location, string path)
    {
        var (store, below) = locations.Resolve(location, ArtifactPath.Clean(path));
        await ArtifactContent.SendAsync(call.Http, store, below, path);
    }

    private async Task ReplyList(ApiCall call, string location, string? path)
    {
        var (store, below) = locations.Resolve(location, ArtifactPath.Clean(path ?? ""));
        var root = locations.Resolve(location, "").Path;
        var entries = await store.ListAsync(below, call.Aborted);
        await call.Reply(json =>
        {
            json.WriteString("root_uri", location);
            json.WriteList("files", entries, (writer, entry) => Write(writer, root.Length == 0 ? entry.Path : entry.Path[(root.Length + 1)..], entry));
        });
    }

    private static void Write(Utf8JsonWriter json, string path, ArtifactEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        json.WriteBoolean("is_dir", entry.IsFolder);
        if (entry.Size > 0) json.WriteNumber("file_size", entry.Size);
        json.WriteEndObject();
    }
}
