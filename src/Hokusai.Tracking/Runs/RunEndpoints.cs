using Hokusai.Tracking.Experiments;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Runs;

/// <summary>Endpoints of runs and of what is logged to them.</summary>
internal sealed class RunEndpoints(RunStore store, RunData data)
{
    private const int MostResults = 50_000;
    private const int DefaultResults = 1000;

    public IEnumerable<Route> Routes =>
    [
        new("POST", "/mlflow/runs/create", Create),
        new("GET", "/mlflow/runs/get", Get),
        new("POST", "/mlflow/runs/update", Update),
        new("POST", "/mlflow/runs/delete", call => Empty(call, store.DeleteAsync(call.Message.RequiredRunId(), call.Aborted))),
        new("POST", "/mlflow/runs/restore", call => Empty(call, store.RestoreAsync(call.Message.RequiredRunId(), call.Aborted))),
        new("POST", "/mlflow/runs/search", Search),
        new("POST", "/mlflow/runs/log-parameter", call => Empty(call, data.LogParamAsync(call.Message.RequiredRunId(), Pair(call.Message), call.Aborted))),
        new("POST", "/mlflow/runs/set-tag", call => Empty(call, data.SetTagAsync(call.Message.RequiredRunId(), Pair(call.Message), call.Aborted))),
        new("POST", "/mlflow/runs/delete-tag", call => Empty(call, data.DeleteTagAsync(call.Message.RequiredRunId(), call.Message.RequiredText("key"), call.Aborted))),
        new("POST", "/mlflow/runs/log-batch", call => Empty(call, data.LogBatchAsync(call.Message.RequiredRunId(), RunBatch.From(call.Message), call.Aborted))),
        new("POST", "/mlflow/runs/log-model", call => Empty(call, data.LogModelAsync(call.Message.RequiredRunId(), call.Message.RequiredText("model_json"), call.Aborted))),
        new("POST", "/mlflow/runs/log-inputs", LogInputs),
        new("POST", "/mlflow/runs/outputs", LogOutputs),
    ];

    private async Task Create(ApiCall call)
    {
        var message = call.Message;
        var experimentId = message.Text("experiment_id") is { Length: > 0 } id ? id : "0";
        var run = await store.CreateAsync(experimentId, message.Text("user_id") ?? "", message.Text("run_name"), message.Int64("start_time") ?? 0, message.Pairs("tags"), call.Aborted);
        await call.Reply(json =>
        {
            json.WritePropertyName("run");
            run.Write(json, inputs: call.ClientKnowsLoggedModels, outputs: false);
        });
    }

    private async Task Get(ApiCall call)
    {
        var run = await store.GetAsync(call.Message.RequiredRunId(), call.Aborted);
        await call.Reply(json =>
        {
            json.WritePropertyName("run");
            run.Write(json, inputs: true, outputs: call.ClientKnowsLoggedModels);
        });
    }

    private async Task Update(ApiCall call)
    {
        var message = call.Message;
        var run = await store.UpdateAsync(message.RequiredRunId(), message.Enum("status", RunInfo.Statuses), message.Int64("end_time"), message.Text("run_name"), call.Aborted);
        await call.Reply(json =>
        {
            json.WritePropertyName("run_info");
            run.Write(json);
        });
    }

    private async Task Search(ApiCall call)
    {
        var message = call.Message;
        var most = message.Int64("max_results") ?? DefaultResults;
        if (most is < 1 or > MostResults) throw ApiException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be at most {MostResults}, and at least 1");
        var view = message.Enum("run_view_type", LifecycleStage.Views) ?? LifecycleStage.ActiveOnly;
        var page = await store.SearchAsync(message.Texts("experiment_ids"), message.Text("filter"), message.Texts("order_by"), view, (int)most, message.Text("page_token"), call.Aborted);
        await call.Reply(json =>
        {
            json.WriteList("runs", page.Items, static (writer, run) => run.Write(writer, inputs: true, outputs: false));
            json.WriteTextIfAny("next_page_token", page.NextToken);
        });
    }

    private Task LogInputs(ApiCall call)
    {
        var message = call.Message;
        var datasets = message.Messages("datasets").ConvertAll(DatasetInput.From);
        var models = message.Messages("models").ConvertAll(m => m.RequiredText("model_id"));
        return Empty(call, data.LogInputsAsync(message.RequiredRunId(), datasets, models, call.Aborted));
    }

    private Task LogOutputs(ApiCall call)
    {
        var message = call.Message;
        if (!message.Has("models")) throw ApiException.Missing("models");
        var models = message.Messages("models").ConvertAll(m => new ModelLink(m.RequiredText("model_id"), m.Int64("step") ?? 0));
        return Empty(call, data.LogOutputsAsync(message.RequiredRunId(), models, call.Aborted));
    }

    private static KeyValue Pair(RequestMessage message) => new(message.RequiredText("key"), message.Text("value") ?? "");

    private static async Task Empty(ApiCall call, Task work)
    {
        await work;
        await call.ReplyEmpty();
    }
}
