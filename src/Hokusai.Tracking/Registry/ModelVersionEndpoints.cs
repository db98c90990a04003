using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Registry;

/// <summary>Endpoints of model versions.</summary>
internal sealed class ModelVersionEndpoints(ModelVersionStore store)
{
    private const int MostResults = 200_000;

    public IEnumerable<Route> Routes =>
    [
        new("POST", "/mlflow/model-versions/create", Create),
        new("GET", "/mlflow/model-versions/get", call => Reply(call, store.GetAsync(Name(call), Version(call), call.Aborted))),
        new("GET", "/mlflow/model-versions/search", Search),
        new("GET", "/mlflow/model-versions/get-download-uri", DownloadUri),
        new("PATCH", "/mlflow/model-versions/update", call => Reply(call, store.DescribeAsync(Name(call), Version(call), call.Message.Text("description") ?? "", call.Aborted))),
        new("POST", "/mlflow/model-versions/transition-stage", Move),
        new("DELETE", "/mlflow/model-versions/delete", call => Empty(call, store.DeleteAsync(Name(call), Version(call), call.Aborted))),
        new("POST", "/mlflow/model-versions/set-tag", SetTag),
        new("DELETE", "/mlflow/model-versions/delete-tag", call => Empty(call, store.DeleteTagAsync(Name(call), Version(call), call.Message.RequiredText("key"), call.Aborted))),
    ];

    private Task Create(ApiCall call)
    {
        var message = call.Message;
        var version = new NewModelVersion(
            Name(call), message.RequiredText("source"), message.Text("run_id"), message.Text("model_id"), message.Text("run_link") ?? "", message.Text("description") ?? "", message.Pairs("tags"));
        return Reply(call, store.CreateAsync(version, call.Aborted));
    }

    private Task Move(ApiCall call)
    {
        var message = call.Message;
        return Reply(call, store.MoveAsync(Name(call), Version(call), message.RequiredText("stage"), message.Bool("archive_existing_versions") ?? false, call.Aborted));
    }

    private Task SetTag(ApiCall call)
    {
        var tag = new KeyValue(call.Message.RequiredText("key"), call.Message.Text("value") ?? "");
        return Empty(call, store.SetTagAsync(Name(call), Version(call), tag, call.Aborted));
    }

    private async Task DownloadUri(ApiCall call)
    {
        var location = await store.StorageLocationAsync(Name(call), Version(call), call.Aborted);
        await call.Reply(json => json.WriteString("artifact_uri", location));
    }

    private async Task Search(ApiCall call)
    {
        var message = call.Message;
        var most = message.Int64("max_results") ?? MostResults;
        if (most is < 1 or > MostResults) throw ApiException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be a positive integer of at most {MostResults}");
        var page = await store.SearchAsync(message.Text("filter"), message.Texts("order_by"), (int)most, message.Text("page_token"), call.Aborted);
        await call.Reply(json =>
        {
            json.WriteList("model_versions", page.Items, static (writer, version) => version.Write(writer));
            json.WriteTextIfAny("next_page_token", page.NextToken);
        });
    }

    private static string Name(ApiCall call) => call.Message.RequiredText("name");

    private static string Version(ApiCall call) => call.Message.RequiredText("version");

    private static async Task Reply(ApiCall call, Task<ModelVersion> work)
    {
        var version = await work;
        await call.Reply(json =>
        {
            json.WritePropertyName("model_version");
            version.Write(json);
        });
    }

    private static async Task Empty(ApiCall call, Task work)
    {
        await work;
        await call.ReplyEmpty();
    }
}
