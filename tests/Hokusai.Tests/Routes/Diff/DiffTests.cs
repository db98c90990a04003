using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Routes.Diff;
using Hokusai.Routes.Sources;

namespace Hokusai.Tests.Routes.Diff;

/// <summary><c>hokusai routes diff</c>.</summary>
public sealed class DiffTests : IDisposable
{
    private static readonly string Standard = Path.Combine(AppContext.BaseDirectory, "routes.json");

    private readonly RoutesRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Diff_SameRouting_IsNoneAcrossForms()
    {
        var rules = _run.Write("rules.json", AwsListener.Good().Rules());

        // Who may go past the gateway is known from the real one; told otherwise, that is a difference.
        foreach (var (old, now) in ((string, string)[])[(Standard, rules), (rules, Standard)])
        {
            var (code, output) = await RoutesRun.RunAsync("diff", old, now);
            Assert.True(code == 0, output);
            Assert.Matches("^[0-9]{3,} requests compared, 0 go another way\n$", output);
        }
        Assert.Equal(1, (await RoutesRun.RunAsync("diff", Standard, rules, "--direct-access", "192.0.2.0/24")).Code);
    }

    [Fact]
    public async Task Diff_ListenerThatSendsOnToHttps_IsNotComparedWithARoutesFile()
    {
        var http = new AwsListener("HTTP", 80, "2222222222222222").Rule(10, Aws.ToHttps(), [Aws.Path("/api/mlflow", "/api/mlflow/*")]);
        var both = Aws.Read([AwsListener.Good(), http], [Aws.Group("api", 8001)]);

        Assert.True(both.Listeners[1].OnlySendsToHttps);
        Assert.True(Hokusai.Routes.Diff.RoutingDiff.Of(both, AwsListener.Good("HTTP", 8080).Read() with { Form = Hokusai.Routes.Sources.SourceForm.RoutesFile }).Unpaired is ["HTTPS:443 is gone", "HTTP:8080 is new"]);
    }

    // As Terraform makes it: rules that send on, and the table's answer for the rest.
    [Fact]
    public async Task Diff_ListenerThatOnlySendsOnToHttps_IsNotARoutesFilesAffair()
    {
        JsonObject[] groups = [Aws.Group("api", 8001), Aws.Group("auth", 8002), Aws.Group("mlflow", 5000)];
        var http = new AwsListener("HTTP", 80, "2222222222222222").Rule(10, Aws.ToHttps(), [Aws.Path("/api", "/api/*")]);
        var table = await SourceFile.ReadAsync([Standard], [IPNetwork.Parse("10.0.0.0/8")], TestContext.Current.CancellationToken);

        Assert.True(RoutingDiff.Of(Aws.Read([AwsListener.Good(), http], groups), table).IsEmpty);
        Assert.False(RoutingDiff.Of(Aws.Read([AwsListener.Good(), new AwsListener("HTTP", 80, "2222222222222222").Rule(10, "mlflow", "/api/*")], groups), table).IsEmpty);
    }

    [Fact]
    public async Task Diff_RuleOfTheIncident_NamesTheUrls()
    {
        var (old, now) = (_run.Write("old.json", AwsListener.Good().Rule(5, "mlflow", "/api*").Rules()), _run.Write("new.json", AwsListener.Good().Rules()));

        var (code, output) = await RoutesRun.RunAsync("diff", old, now);

        Assert.Equal(1, code);
        Assert.Matches(@"^GET https://registry\.example\.org/api/mlflow/api/2\.0/mlflow/experiments/search \(and [0-9]+ more\)\n  - mlflow\n  \+ api\n", output);
        using var json = JsonDocument.Parse((await RoutesRun.RunAsync("diff", old, now, "--json")).Output);
        var changes = json.RootElement.GetProperty("changes").EnumerateArray().Select(c => (Request: c.GetProperty("request").GetString()!, Old: c.GetProperty("old").GetProperty("action").GetString(), New: c.GetProperty("new").GetProperty("action").GetString())).ToList();
        // What the patterns of the rules themselves take is tried too.
        Assert.Contains(("GET https://registry.example.org/apix", "mlflow", "fixed response 404 application/json"), changes);
        Assert.Contains(("POST https://registry.example.org/api/v1/keys/validate", "mlflow", "auth"), changes);
        Assert.DoesNotContain(changes, change => change.Old == change.New);
    }

    [Fact]
    public async Task Diff_RewriteHeaderAndListener_AreCompared()
    {
        var plain = new AwsListener().Rule(1, "api", "/a/*");
        var rewritten = new AwsListener().Rule(1, Aws.Forward("api"), [Aws.Path("/a/*")], Aws.UrlRewrite("^/a/(.*)$", "/b/$1"));
        var beta = new AwsListener().Rule(1, "api", "/a/*").Rule(2, Aws.Forward("canary"), [Aws.Host("beta.example.org"), Aws.Header("X-Beta", "1*"), Aws.Source("10.0.0.0/8")]);
        var (one, two, three) = (_run.Write("1", plain.Rules()), _run.Write("2", rewritten.Rules()), _run.Write("3", beta.Rules()));

        Assert.Contains("GET https://registry.example.org/a/x (and 1 more)\n  - api\n  + api as /b/x\n", (await RoutesRun.RunAsync("diff", one, two)).Output, StringComparison.Ordinal);
        Assert.Contains("https://beta.example.org/x, with header X-Beta: 1*, with source 10.0.0.0/8", (await RoutesRun.RunAsync("diff", one, three, "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_ListenerThatIsGone_IsSaid()
    {
        var (one, other) = (_run.Write("1", AwsListener.Good().Listeners()), _run.Write("2", new AwsListener("HTTP", 80).Listeners()));
        var (code, output) = await RoutesRun.RunAsync("diff", one, other);
        Assert.Equal((1, "listener HTTPS:443 is gone\nlistener HTTP:80 is new\n0 requests compared, 0 go another way\n"), (code, output));
    }

    [Fact]
    public async Task Diff_FileThatIsNotThere_IsRefused() => Assert.Equal(2, (await RoutesRun.RefusedAsync("diff", Standard, _run.PathOf("none"))).ExitCode);
}
