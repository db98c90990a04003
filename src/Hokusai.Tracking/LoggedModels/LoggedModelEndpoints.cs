using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.LoggedModels;

/// <summary>Endpoints of logged models.</summary>
internal sealed class LoggedModelEndpoints(LoggedModelStore store)
{
    private const int DefaultResults = 50;
    private const int MostResults = 1000;

    public IEnumerable<Route> Routes =>
    [
        new("POST", "/mlflow/logged-models", Create),
        new("POST", "/mlflow/logged-models/search", Search),
        new("GET", "/mlflow/logged-models/{model_id}", Get),
        new("PATCH", "/mlflow/logged-models/{model_id}", Finish),
        new("DELETE", "/mlflow/logged-models/{model_id}", Delete),
        new("POST", "/mlflow/logged-models/{model_id}/params", AddParams),
        new("PATCH", "/mlflow/logged-models/{model_id}/tags", SetTags),
        new("DELETE", "/mlflow/logged-models/{model_id}/tags/{tag_key}", DeleteTag),
    ];

    private async Task Create(ApiCall call)
    {
        var message = call.Message;
        var model = new NewLoggedModel(
            message.RequiredText("experiment_id"), message.Text("name"), message.Text("model_type"), message.Text("source_run_id"), message.Pairs("params"), message.Pairs("tags"));
        await Reply(call, await store.CreateAsync(model, call.Aborted));
    }

    private async Task Get(ApiCall call) => await Reply(call, await store.GetAsync(Id(call), call.Aborted));

    private async Task Finish(ApiCall call)
    {
        var name = call.Message.Enum("status", LoggedModel.Statuses) ?? throw ApiException.Missing("status");
        await Reply(call, await store.FinishAsync(Id(call), LoggedModel.Statuses.First(s => s.Name == name).Number, call.Aborted));
    }

    private async Task Delete(ApiCall call)
    {
        await store.DeleteAsync(Id(call), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task AddParams(ApiCall call)
    {
        // Besides the path also in the body, as every client sends it and MLflow requires.
        var id = call.Message.RequiredText("model_id");
        await store.AddParamsAsync(id == Id(call) ? id : throw ApiException.Invalid($"Invalid value \"{id}\" for parameter 'model_id' supplied: the path names another model"), call.Message.Pairs("params"), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task SetTags(ApiCall call)
    {
        await store.SetTagsAsync(Id(call), call.Message.Pairs("tags"), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task DeleteTag(ApiCall call)
    {
        await store.DeleteTagAsync(Id(call), Uri.UnescapeDataString(call.Parameters[1]), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task Search(ApiCall call)
    {
        var message = call.Message;
        var experiments = message.Texts("experiment_ids");
        if (experiments.Count == 0) throw ApiException.Missing("experiment_ids");
        var most = message.Int64("max_results") ?? DefaultResults;
        if (most is < 1 or > MostResults) throw ApiException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be between 1 and {MostResults}");
        var order = message.Messages("order_by").ConvertAll(o => new LoggedModelOrder(
            o.RequiredText("field_name"), o.Bool("ascending") ?? true, o.Text("dataset_name") is { Length: > 0 } name ? new DatasetFilter(name, o.Text("dataset_digest")) : null));
        var datasets = message.Messages("datasets").ConvertAll(d => new DatasetFilter(d.RequiredText("dataset_name"), d.Text("dataset_digest")));
        var page = await store.SearchAsync(new LoggedModelSearch(experiments, message.Text("filter"), order, datasets, (int)most, message.Text("page_token")), call.Aborted);
        await call.Reply(json =>
        {
            json.WriteList("models", page.Items, static (writer, model) => model.Write(writer));
            json.WriteTextIfAny("next_page_token", page.NextToken);
        });
    }

    private static string Id(ApiCall call) => Uri.UnescapeDataString(call.Parameters[0]);

    private static Task Reply(ApiCall call, LoggedModel model) => call.Reply(json =>
    {
        json.WritePropertyName("model");
        model.Write(json);
    });
}
