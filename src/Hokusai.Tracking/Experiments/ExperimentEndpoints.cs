using System.Globalization;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Experiments;

/// <summary>Endpoints of experiments.</summary>
internal sealed class ExperimentEndpoints(ExperimentStore store)
{
    private const int MostResults = 50_000;

    public IEnumerable<Route> Routes =>
    [
        new("POST", "/mlflow/experiments/create", Create),
        new("POST", "/mlflow/experiments/search", Search),
        new("GET", "/mlflow/experiments/search", Search),
        new("GET", "/mlflow/experiments/get", Get),
        new("GET", "/mlflow/experiments/get-by-name", GetByName),
        new("POST", "/mlflow/experiments/update", Rename),
        new("POST", "/mlflow/experiments/delete", call => Move(call, LifecycleStage.Active, LifecycleStage.Deleted)),
        new("POST", "/mlflow/experiments/restore", call => Move(call, LifecycleStage.Deleted, LifecycleStage.Active)),
        new("POST", "/mlflow/experiments/set-experiment-tag", SetTag),
        new("POST", "/mlflow/experiments/delete-experiment-tag", DeleteTag),
    ];

    private async Task Create(ApiCall call)
    {
        var message = call.Message;
        var id = await store.CreateAsync(message.RequiredText("name"), message.Text("artifact_location"), message.Pairs("tags"), call.Aborted);
        await call.Reply(json => json.WriteString("experiment_id", id.ToString(CultureInfo.InvariantCulture)));
    }

    private async Task Get(ApiCall call) => await Reply(call, await store.GetAsync(call.Message.RequiredText("experiment_id"), call.Aborted));

    private async Task GetByName(ApiCall call) => await Reply(call, await store.GetByNameAsync(call.Message.RequiredText("experiment_name"), call.Aborted));

    private async Task Rename(ApiCall call)
    {
        await store.RenameAsync(call.Message.RequiredText("experiment_id"), call.Message.RequiredText("new_name"), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task Move(ApiCall call, string from, string to)
    {
        await store.MoveAsync(call.Message.RequiredText("experiment_id"), from, to, call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task SetTag(ApiCall call)
    {
        var message = call.Message;
        await store.SetTagAsync(message.RequiredText("experiment_id"), new KeyValue(message.RequiredText("key"), message.Text("value") ?? ""), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task DeleteTag(ApiCall call)
    {
        await store.DeleteTagAsync(call.Message.RequiredText("experiment_id"), call.Message.RequiredText("key"), call.Aborted);
        await call.ReplyEmpty();
    }

    private async Task Search(ApiCall call)
    {
        var message = call.Message;
        var most = message.Int64("max_results") ?? 0;
        if (most is < 1 or > MostResults) throw ApiException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be a positive integer of at most {MostResults}");
        var view = message.Enum("view_type", LifecycleStage.Views) ?? LifecycleStage.ActiveOnly;
        var page = await store.SearchAsync(message.Text("filter"), message.Texts("order_by"), view, (int)most, message.Text("page_token"), call.Aborted);
        await call.Reply(json =>
        {
            json.WriteList("experiments", page.Items, static (writer, experiment) => experiment.Write(writer));
            json.WriteTextIfAny("next_page_token", page.NextToken);
        });
    }

    private static Task Reply(ApiCall call, Experiment experiment) => call.Reply(json =>
    {
        json.WritePropertyName("experiment");
        experiment.Write(json);
    });
}
