namespace Hokusai.Tests.Routes.Sources;

/// <summary>Files of every form, told apart by their content.</summary>
public sealed class SourceFileTests : IDisposable
{
    private readonly RoutesRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Show_StandardRoutes_SaysWhichRulesAreOff()
    {
        var (code, output) = await RoutesRun.RunAsync("show");

        Assert.Equal(0, code);
        Assert.Contains("40        mlflow-direct-rest  path /mlflow/api/*                 off: mlflow only with --direct-access networks", output, StringComparison.Ordinal);
        Assert.Contains("api           HTTP:8001  /health every 10 s", output, StringComparison.Ordinal);
        Assert.Contains("50        mlflow-direct-ui    path /mlflow, /mlflow/*; source 10.0.0.0/8  mlflow", (await RoutesRun.RunAsync("show", "--direct-access", "10.0.0.0/8")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_EveryForm_IsReadWhateverItIsCalled()
    {
        var listener = AwsListener.Good();
        var routes = _run.Write("a", await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "routes.json"), TestContext.Current.CancellationToken));
        var (rules, groups) = (_run.Write("b", listener.Rules()), _run.Write("c", Aws.Groups(Aws.Group("api", 8001))));
        var health = _run.Write("d", Aws.Health(("10.0.0.1", 8001, "healthy", null)));

        Assert.Contains("mlflow-direct-ui", (await RoutesRun.RunAsync("show", "--routes", routes)).Output, StringComparison.Ordinal);
        Assert.Contains("10.0.0.1:8001 healthy", (await RoutesRun.RunAsync("show", "--describe", groups, $"api={health}", rules)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_TerraformState_IsRead()
    {
        var state = _run.Write("state.json", $$$"""
            {"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[
              {"address":"aws_lb_target_group.mlflow","type":"aws_lb_target_group","values":{"arn":"{{{Aws.GroupArn("mlflow")}}}","name":"mlflow","port":5000,"protocol":"HTTP","target_type":"ip"}},
              {"address":"aws_lb_listener.https","type":"aws_lb_listener","values":{"arn":"arn:l","port":443,"protocol":"HTTPS","default_action":[{"type":"fixed-response","fixed_response":[{"status_code":"404","content_type":"application/json","message_body":"{}"}]}]}},
              {"address":"aws_lb_listener_rule.old","type":"aws_lb_listener_rule","values":{"arn":"arn:r","listener_arn":"arn:l","priority":7,"condition":[{"path_pattern":[{"values":["/api/mlflow/*"]}]}],"action":[{"type":"forward","target_group_arn":"{{{Aws.GroupArn("mlflow")}}}"}]}}
            ]} }}
            """);

        Assert.Contains("7         old   path /api/mlflow/*  mlflow", (await RoutesRun.RunAsync("show", "--state", state)).Output, StringComparison.Ordinal);

        var (code, page) = await RoutesRun.RunAsync("review", state);
        Assert.Equal(1, code);
        Assert.Contains("### 1. Error: misroute, HTTPS:443, rule 7 (old)", page, StringComparison.Ordinal);
        // In Terraform it is mended there: what the CLI changed the next apply would undo.
        Assert.Contains("- Remedy: in Terraform, aws\\_lb\\_listener\\_rule.old: forward to TARGET-GROUP-OF-API", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_SomethingElse_IsRefusedWithTheRemedy()
    {
        await RefusedAsync("no", "is no JSON");
        await RefusedAsync("[]", "has no form that is known; give a routes file");
        await RefusedAsync("{}", "has no form that is known");
        await RefusedAsync("""{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{}}""", "is a plan");
        await RefusedAsync("""{"rules":[],"targets":{},"extra":1}""", "is no routes file");
        await RefusedAsync("""{"default":null,"rules":[],"targets":{}}""", "targets: none given");
        Assert.Contains("show: ", (await RoutesRun.RefusedAsync("show", "--state", _run.PathOf("show: none"))).Message, StringComparison.Ordinal);
        Assert.Contains("give one of --routes, --state, --describe, --listener and files", (await RoutesRun.RefusedAsync("review", "a", "--state", "b")).Message, StringComparison.Ordinal);
        Assert.Contains("several files can be read only of those", (await RoutesRun.RefusedAsync("review", _run.Write("r", AwsListener.Good().Rules()), _run.Write("s", "{}"))).Message, StringComparison.Ordinal);
        Assert.Contains("--direct-access 'office': is no network", (await RoutesRun.RefusedAsync("show", "--direct-access", "office")).Message, StringComparison.Ordinal);
        Assert.Contains("--listener 'arn:x': is no ARN of an Application Load Balancer", (await RoutesRun.RefusedAsync("show", "--listener", "arn:x")).Message, StringComparison.Ordinal);

        async Task RefusedAsync(string text, string part)
        {
            var failure = await RoutesRun.RefusedAsync("show", "--state", _run.Write("file.json", text));
            Assert.Equal(2, failure.ExitCode);
            Assert.StartsWith(_run.PathOf("file.json") + ": ", failure.Message, StringComparison.Ordinal);
            Assert.Contains(part, failure.Message, StringComparison.Ordinal);
        }
    }
}
