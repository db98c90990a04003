using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking;

/// <summary>The inputs of MLflow's published vulnerabilities: sources of model versions and locations of experiments that lead out.</summary>
public sealed class LocationAttackTests
{
    private const int Deadline = 120_000;

    private static readonly string[] RefusedSources =
    [
        "/etc", "/etc/passwd", "//etc", "//proc/self/root/etc", "./etc", "../etc", "etc", "",
        "file:///etc", "file:/etc", "FILE:///etc", "File:/etc", "file://localhost/etc", "file://LOCALHOST/etc", "file://127.0.0.1/etc", "file://./etc/passwd", "file://host/../../etc", "file://host/etc", "file:///%2e%2e/etc",
        "mlflow-artifacts:/models/../../etc", "mlflow-artifacts:/models/%2e%2e/%2e%2e/etc", "mlflow-artifacts:/models/%252e%252e/etc", "mlflow-artifacts:/..", "mlflow-artifacts://host/../../etc", "mlflow-artifacts:/models/..%2f..%2fetc",
        "http://host/../../etc", "https://host/models/%2e%2e/x", "s3://b/p/../../x", "s3://b/p/./x", "dbfs:/run/artifacts/a%3f/../../../../etc", "runs:/x/../../etc", @"mlflow-artifacts:/models\..\..\etc", "mlflow-artifacts:/models%00/x",
    ];

    private static readonly string[] AcceptedSources =
    [
        "mlflow-artifacts:/models", "mlflow-artifacts:/models/", "mlflow-artifacts:/models///", "mlflow-artifacts:/models/foo///bar", "mlflow-artifacts:/models/artifact/..../", "mlflow-artifacts://host:9000/models",
        "s3://b/p", "runs:/0123/model",
    ];

    private static readonly string[] RefusedLocations =
    [
        "http:///#/x", "http:///#/../../etc/", "mlflow-artifacts:/x#/../../etc", "s3://b/p;x", "mlflow-artifacts:/x;/../../etc", "http:///?/../../../etc/", "s3://b/p?../x", "s3://b/p?%2e%2e/x", "s3://b/p?%252e%252e/x",
        "http://169.254.169.254/latest/meta-data", "https://example.org/x", "HTTP://example.org/x", "ftp://example.org/x", new string('a', 3000),
    ];

    [Fact(Timeout = Deadline)]
    public async Task CreateVersion_SourceThatLeadsOut_Is400()
    {
        await using var stack = await TestStack.StartAsync();
        var calls = new Calls(stack.ClientUrl, stack.Key);
        var run = await calls.CreateRunAsync();
        (await calls.PostAsync("registered-models/create", new { name = "m" })).Ok();
        var wrong = new List<string>();
        foreach (var source in RefusedSources)
        {
            // A prompt's version is a version like any other: sparing it was a vulnerability of its own.
            foreach (var body in (object[])[new { name = "m", source }, new { name = "m", source, run_id = run }, new { name = "m", source, tags = (object[])[new { key = "mlflow.prompt.is_prompt", value = "true" }] }])
            {
                var answer = await calls.PostAsync("model-versions/create", body);
                if ((answer.Status, answer.ErrorCode) != (400, "INVALID_PARAMETER_VALUE")) wrong.Add($"{source} -> {answer}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal("{}", (await calls.GetAsync("model-versions/search")).Ok().Body);
    }

    [Fact(Timeout = Deadline)]
    public async Task CreateVersion_HarmlessSource_IsKeptAsItIs()
    {
        await using var stack = await TestStack.StartAsync();
        var calls = new Calls(stack.ClientUrl, stack.Key);
        (await calls.PostAsync("registered-models/create", new { name = "m" })).Ok();
        foreach (var source in AcceptedSources) Assert.Equal(source, (await calls.PostAsync("model-versions/create", new { name = "m", source })).Ok().Text("model_version.source"));
    }

    [Fact(Timeout = Deadline)]
    public async Task CreateVersion_LocalSourceOfALocalRun_IsTakenBelowTheRunOnly()
    {
        using var folder = new TemporaryFolder();
        await using var tracking = await TrackingProcess.StartAsync(folder.Path, "--default-artifact-root", "./root");
        var calls = tracking.Client();
        var run = await calls.CreateRunAsync();
        var root = folder.PathOf("root", "0", run, "artifacts");
        (await calls.PostAsync("registered-models/create", new { name = "m" })).Ok();

        foreach (var source in (string[])[root, root + "/model", root + "/.", root + "/model/..", "file://" + root]) (await calls.PostAsync("model-versions/create", new { name = "m", source, run_id = run })).Ok();
        foreach (var source in (string[])[root + "/..", root + "x", root + "/../../x", "file://" + root + "/%2e%2e", folder.Path])
            Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await StatusAsync(calls.PostAsync("model-versions/create", new { name = "m", source, run_id = run })));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), await StatusAsync(calls.PostAsync("model-versions/create", new { name = "m", source = root })));
    }

    [Fact(Timeout = Deadline)]
    public async Task CreateExperiment_LocationThatLeadsOut_Is400()
    {
        await using var stack = await TestStack.StartAsync();
        var calls = new Calls(stack.ClientUrl, stack.Key);
        var wrong = new List<string>();
        foreach (var location in RefusedLocations)
        {
            var answer = await calls.PostAsync("experiments/create", new { name = "e", artifact_location = location });
            if ((answer.Status, answer.ErrorCode) != (400, "INVALID_PARAMETER_VALUE")) wrong.Add($"{location} -> {answer}");
        }

        Assert.Empty(wrong);
        await calls.CreateExperimentAsync("s3", "s3://b/p");
    }

    [Theory(Timeout = Deadline)]
    [InlineData("/etc")]
    [InlineData("file:///etc")]
    [InlineData("mlflow-artifacts:/../..")]
    [InlineData("mlflow-artifacts:/%2e%2e/%2e%2e")]
    [InlineData("mlflow-artifacts://host/../..")]
    [InlineData("s3://bucket/root")]
    [InlineData("dbfs:/root")]
    public async Task Run_InAnExperimentElsewhere_GivesNoFileOfTheServer(string location)
    {
        await using var stack = await TestStack.StartAsync();
        var calls = new Calls(stack.ClientUrl, stack.Key);
        if ((await calls.PostAsync("experiments/create", new { name = "e", artifact_location = location })) is not { Status: 200 } created) return; // Refused at once: better still.
        var run = await calls.CreateRunAsync(created.Text("experiment_id"));

        foreach (var path in (string[])["passwd", "../passwd", "../../../passwd", ""])
        {
            var query = $"path={Uri.EscapeDataString(path)}&run_id={run}";
            Assert.Equal(400, (await calls.SendAsync(HttpMethod.Get, "/get-artifact?" + query)).Status);
            Assert.Equal(400, (await calls.GetAsync("artifacts/list?" + query)).Status);
            Assert.Equal(400, (await calls.SendAsync(HttpMethod.Post, $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path={Uri.EscapeDataString(path)}", new StringContent("evil"))).Status);
        }
    }

    private static async Task<(int Status, string? Code)> StatusAsync(Task<Answer> call) => await call is var answer ? (answer.Status, answer.ErrorCode) : default;
}
