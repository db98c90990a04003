using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Registry;

/// <summary>Endpoints of registered models and their aliases.</summary>
internal sealed class RegisteredModelEndpoints(RegisteredModelStore store, ModelVersionStore versions, AliasStore aliases)
{
    private const int DefaultResults = 100;
    private const int MostResults = 1000;

    public IEnumerable<Route> Routes =>
    [
        new("POST", "/mlflow/registered-models/create", Create),
        new("GET", "/mlflow/registered-models/get", async call => await Reply(call, await store.GetAsync(Name(call), call.Aborted))),
        new("GET", "/mlflow/registered-models/search", Search),
        new("POST", "/mlflow/registered-models/rename", async call => await Reply(call, await store.RenameAsync(Name(call), call.Message.RequiredText("new_name"), call.Aborted))),
        new("PATCH", "/mlflow/registered-models/update", async call => await Reply(call, await store.DescribeAsync(Name(call), call.Message.Text("description") ?? "", call.Aborted))),
        new("DELETE", "/mlflow/registered-models/delete", call => Empty(call, store.DeleteAsync(Name(call), call.Aborted))),
        new("POST", "/mlflow/registered-models/set-tag", call => Empty(call, store.SetTagAsync(Name(call), new KeyValue(call.Message.RequiredText("key"), call.Message.Text("value") ?? ""), call.Aborted))),
        new("DELETE", "/mlflow/registered-models/delete-tag", call => Empty(call, store.DeleteTagAsync(Name(call), call.Message.RequiredText("key"), call.Aborted))),
        // Clients ask by POST first and by GET only where POST is unknown.
        new("POST", "/mlflow/registered-models/get-latest-versions", Latest),
        new("GET", "/mlflow/registered-models/get-latest-versions", Latest),
        new("POST", "/mlflow/registered-models/alias", call => Empty(call, aliases.SetAsync(Name(call), call.Message.RequiredText("alias"), call.Message.RequiredText("version"), call.Aborted))),
        new("DELETE", "/mlflow/registered-models/alias", call => Empty(call, aliases.DeleteAsync(Name(call), call.Message.RequiredText("alias"), call.Aborted))),
        new("GET", "/mlflow/registered-models/alias", GetByAlias),
    ];

    private async Task Create(ApiCall call)
    {
        var message = call.Message;
        await Reply(call, await store.CreateAsync(Name(call), message.Text("description") ?? "", message.Pairs("tags"), call.Aborted));
    }

    private async Task Latest(ApiCall call)
    {
        var latest = await versions.LatestAsync(Name(call), call.Message.Texts("stages"), call.Aborted);
        await call.Reply(json => json.WriteList("model_versions", latest, static (writer, version) => version.Write(writer)));
    }

    private async Task GetByAlias(ApiCall call)
    {
        var version = await aliases.GetAsync(Name(call), call.Message.RequiredText("alias"), call.Aborted);
        await call.Reply(json =>
        {
            json.WritePropertyName("model_version");
            version.Write(json);
        });
    }

    private async Task Search(ApiCall call)
    {
        var message = call.Message;
        var most = message.Int64("max_results") ?? DefaultResults;
        if (most is < 1 or > MostResults) throw ApiException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be a positive integer of at most {MostResults}");
        var page = await store.SearchAsync(message.Text("filter"), message.Texts("order_by"), (int)most, message.Text("page_token"), call.Aborted);
        await call.Reply(json =>
        {
            json.WriteList("registered_models", page.Items, static (writer, model) => model.Write(writer));
            json.WriteTextIfAny("next_page_token", page.NextToken);
        });
    }

    private static string Name(ApiCall call) => call.Message.RequiredText("name");

    private static Task Reply(ApiCall call, RegisteredModel model) => call.Reply(json =>
    {
        json.WritePropertyName("registered_model");
        model.Write(json);
    });

    private static async Task Empty(ApiCall call, Task work)
    {
        await work;
        await call.ReplyEmpty();
    }
}
