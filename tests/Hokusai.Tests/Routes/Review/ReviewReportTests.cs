using System.Text.Json;
using Hokusai.Routes.Review;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Routes.Review;

/// <summary>The report of <c>hokusai routes review</c>.</summary>
public sealed class ReviewReportTests : IDisposable
{
    private const string Golden = "tests/Hokusai.Tests/Routes/Review/incident.md";

    private readonly RoutesRun _run = new();

    public void Dispose() => _run.Dispose();

    /// <summary>The listener of the incident: a catch-all before the right rule, MLflow open to all, a dead target whose address nobody registered anew.</summary>
    private static AwsListener Incident => new AwsListener().Rule(5, "hokusai-mlflow", "/api*").Rule(10, "hokusai-api", "/api/mlflow/*").Rule(20, "hokusai-mlflow", "/mlflow/*");

    [Fact]
    public async Task Review_Incident_IsThatOfTheGoldenReport()
    {
        var (code, page) = await RoutesRun.RunAsync(["review", .. Files()]);

        Assert.Equal(1, code);
        var golden = Path.Combine(Repository.Root, Golden);
        // HOKUSAI_WRITE_DOCS=1 ./test unit -- -class '*ReviewReportTests' writes it anew.
        if (Environment.GetEnvironmentVariable("HOKUSAI_WRITE_DOCS") == "1") await File.WriteAllTextAsync(golden, page, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(golden, TestContext.Current.CancellationToken), page);
    }

    [Fact]
    public async Task Review_JsonAndOutputFile_HoldTheSame()
    {
        var (path, page) = (_run.PathOf("report.md"), (await RoutesRun.RunAsync(["review", .. Files()])).Output);

        Assert.Equal((1, ""), await RoutesRun.RunAsync(["review", .. Files(), "--output", path]));
        Assert.Equal(page, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));

        using var json = JsonDocument.Parse((await RoutesRun.RunAsync(["review", .. Files(), "--json"])).Output);
        var findings = json.RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.Equal(findings.Count, json.RootElement.GetProperty("errors").GetInt32() + json.RootElement.GetProperty("warnings").GetInt32() + json.RootElement.GetProperty("information").GetInt32());
        foreach (var (finding, number) in findings.Select((f, i) => (f, i + 1)))
            Assert.Contains($"### {number}. {Capital(finding.GetProperty("severity").GetString()!)}: {finding.GetProperty("code").GetString()}, {finding.GetProperty("place").GetString()}\n", page, StringComparison.Ordinal);
        Assert.Equal(3, json.RootElement.GetProperty("listeners")[0].GetProperty("rules").GetArrayLength());
        Assert.Equal("misroute", findings[0].GetProperty("code").GetString());
        Assert.Equal(2, (await RoutesRun.RefusedAsync(["review", .. Files(), "--output", _run.PathOf("none/report.md")])).ExitCode);
    }

    [Fact]
    public async Task Review_OnlyWarnings_ExitsFine()
    {
        var listener = AwsListener.Good();
        var (code, page) = await RoutesRun.RunAsync("review", _run.Write("r", listener.Rules()), _run.Write("g", Aws.Groups(Aws.Group("api", 8001, "HealthCheckPath", "/"), Aws.Group("auth", 8002), Aws.Group("mlflow", 5000))));
        Assert.Equal(0, code);
        Assert.StartsWith("# Review of the load balancer's routing\n\n## Summary\n\n0 errors, 1 warning, 0 for information; 1 listener, 5 rules, 3 target groups.\n", page, StringComparison.Ordinal);
    }

    // The rules of the incident as a routes file: no report without a table, and yet the misroute is what is named.
    [Theory]
    [InlineData("/api*")]
    [InlineData("/api/mlflow/*")]
    public async Task Review_RoutesFileWithTheMisroute_IsRefusedWithItFirst(string paths)
    {
        var file = _run.Write("old.json", $$"""{"default": {"status": 404, "content_type": "text/plain", "body": ""}, "targets": {"api": {"port": 8001}, "mlflow": {"port": 5000} }, "rules": [{"name": "old", "priority": 5, "paths": ["{{paths}}"], "target": "mlflow"}]}""");

        var refusal = await RoutesRun.RefusedAsync("review", file);

        Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
        Assert.StartsWith($"{file}: rule 'old': sends /api/mlflow to mlflow, past the gateway and its key check; its target must be api, and 1 more", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_RoutesFile_IsReviewedToo()
    {
        var (code, page) = await RoutesRun.RunAsync("review", Path.Combine(AppContext.BaseDirectory, "routes.json"));
        Assert.Equal(0, code);
        Assert.Contains("## Findings\n\nNone.\n", page, StringComparison.Ordinal);
        Assert.Contains("- rule 40 (mlflow-direct-rest) is off, since no networks for direct access were given (--direct-access)\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_RolesThatWereTold_DecideAndAreSaid()
    {
        string[] files = [_run.Write("r", new AwsListener().Rule(10, "blue", "/api/mlflow", "/api/mlflow/*").Rules()), _run.Write("g", Aws.Groups(Aws.Group("blue", 80)))];

        var (code, page) = await RoutesRun.RunAsync(["review", .. files, "--api-group", "blue", "--host", "models.example.org"]);

        Assert.Equal(0, code);
        Assert.Contains("- target group blue: taken for the API service, as told\n", page, StringComparison.Ordinal);
        Assert.Contains("- clients come to models.example.org, as told\n", page, StringComparison.Ordinal);
        var guessed = await RoutesRun.RunAsync(["review", .. files]);
        Assert.Equal(1, guessed.Code);
        Assert.Contains("- target group blue: not known what stands behind it, neither its name nor its port 80 says so\n", guessed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hokusai-mlflow-tg", 5000, "Mlflow")]
    [InlineData("prod-api", 80, "Api")]
    [InlineData("api-gateway", 80, "Api")]
    [InlineData("model-registry", 80, "Mlflow")]
    [InlineData("registry-api", 8001, "Api")]
    [InlineData("registry-api", 80, "Api")]
    [InlineData("mlflow-api", 8001, "Api")]
    [InlineData("mlflow-api", 80, "Mlflow")]
    [InlineData("auth-api", 80, "Auth")]
    [InlineData("blue", 8002, "Auth")]
    [InlineData("blue", 80, "Unknown")]
    public void Roles_NameAndPort_AreGuessedFrom(string name, int port, string role)
    {
        var source = new AwsListener().Rule(1, name, "/x").Read(Aws.Group(name, port));
        Assert.Equal(role, new Roles(source, new Dictionary<string, Role>()).Of(name).ToString());
    }

    [Fact]
    public void Report_ValuesOfOthers_CannotFormatIt()
    {
        const string Nasty = "/a|b`c<img>*_[x](y)\n# z";
        var page = ReviewReport.Page(RoutingReview.Of(Input(new AwsListener().Rule(1, "api", Nasty, "/api/mlflow/*").Rule(2, "api", "/api/mlflow"))));

        Assert.Contains("| path /a\\|b\\`c\\<img\\>\\*\\_\\[x\\](y) \\# z, /api/mlflow/\\* |", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\n# z", page, StringComparison.Ordinal);
        Assert.Equal("````\na ``` b\n````\n", Markdown.Block("a ``` b"));
        Assert.Equal("""'it'\''s; rm -rf $(x)'""", ShellText.Quote("it's; rm -rf $(x)"));

        static ReviewInput Input(AwsListener listener)
        {
            var source = listener.Read();
            return new ReviewInput(source, new Roles(source, new Dictionary<string, Role>()), []);
        }
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private string[] Files() =>
    [
        _run.Write("rules.json", Incident.Rules()),
        _run.Write("listeners.json", Incident.Listeners()),
        _run.Write("groups.json", Aws.Groups(Aws.Group("hokusai-api", 8001), Aws.Group("hokusai-auth", 8002), Aws.Group("hokusai-mlflow", 5000, "HealthCheckPath", "/"))),
        _run.Write("health-hokusai-mlflow.json", Aws.Health(("10.0.1.173", 5000, "unhealthy", "Target.Timeout"))),
        _run.Write("attributes-hokusai-mlflow.json", Aws.Delay(300)),
    ];
}
