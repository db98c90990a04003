using System.Security.Cryptography;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking;

/// <summary>Paths that try to leave the artifact folder, as raw bytes, straight at the tracking server and through the whole chain.</summary>
public sealed class ArtifactAttackTests
{
    private const int Deadline = 180_000;
    private const string Secret = "what nobody may read";

    private static readonly string InvalidPath = """{"error_code":"INVALID_PARAMETER_VALUE","message":"Invalid path"}""";

    [Theory(Timeout = Deadline)]
    [InlineData("GET", false)]
    [InlineData("PUT", false)]
    [InlineData("DELETE", false)]
    [InlineData("GET", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    public async Task Artifact_PathThatLeavesTheFolder_Is400AndTouchesNothing(string method, bool throughTheChain)
    {
        await using var stack = await StartAsync();

        await AssertRefusedAsync(stack, throughTheChain, AttackPaths.Refused.Select(path => ($"{method} {{0}}{Calls.Artifacts}/{path}", method == "PUT" ? "evil" : "")));
    }

    [Theory(Timeout = Deadline)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Query_PathThatLeavesTheFolder_Is400AndTouchesNothing(bool throughTheChain)
    {
        await using var stack = await StartAsync();
        var calls = new Calls(stack.TrackingUrl);
        var run = await calls.CreateRunAsync();
        var model = (await calls.PostAsync("logged-models", new { experiment_id = "0", name = "m" })).Ok().Text("model.info.model_id");
        (await calls.PostAsync("registered-models/create", new { name = "m" })).Ok();
        (await calls.PostAsync("model-versions/create", new { name = "m", source = "mlflow-artifacts:/0" })).Ok();
        string[] endpoints =
        [
            "GET {0}/api/2.0/mlflow-artifacts/artifacts?path=",
            $"GET {{0}}/api/2.0/mlflow/artifacts/list?run_id={run}&path=",
            $"GET {{0}}/get-artifact?run_uuid={run}&path=",
            "GET {0}/model-versions/get-artifact?name=m&version=1&path=",
            $"GET {{0}}/api/2.0/mlflow/logged-models/{model}/artifacts/directories?artifact_directory_path=",
            $"GET {{0}}/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path=",
            $"POST {{0}}/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=",
        ];
        // Below a folder of their own, uploads' hidden folder is a name like any other.
        var paths = AttackPaths.Refused.Where(path => !path.Contains("hokusai-uploads", StringComparison.Ordinal));

        await AssertRefusedAsync(stack, throughTheChain, endpoints.SelectMany(_ => paths, (endpoint, path) => (endpoint + Uri.EscapeDataString(path), endpoint.StartsWith("POST", StringComparison.Ordinal) ? "evil" : "")));
    }

    [Theory(Timeout = Deadline)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Artifact_OddButHarmlessPath_IsStoredUnderItsName(bool throughTheChain)
    {
        await using var stack = await StartAsync();
        foreach (var (path, name) in AttackPaths.Accepted)
        {
            Assert.Equal(200, (await SendAsync(stack, throughTheChain, $"PUT {{0}}{Calls.Artifacts}/{path}", name)).Status);
            Assert.Equal(name, await File.ReadAllTextAsync(Path.Combine(stack.DataFolder, "artifacts", name), TestContext.Current.CancellationToken));
            Assert.Equal(200, (await SendAsync(stack, throughTheChain, $"GET {{0}}{Calls.Artifacts}/{path}")).Status);
        }
    }

    [Fact(Timeout = Deadline)]
    public async Task Artifact_LinkOutOfTheFolder_IsNotFollowed()
    {
        await using var stack = await StartAsync();
        Directory.CreateSymbolicLink(Path.Combine(stack.DataFolder, "artifacts", "out"), stack.DataFolder);
        File.CreateSymbolicLink(Path.Combine(stack.DataFolder, "artifacts", "secret.txt"), Path.Combine(stack.DataFolder, "secret.txt"));

        await AssertRefusedAsync(stack, false, ((string[])["out/secret.txt", "secret.txt"]).SelectMany(_ => (string[])["GET", "PUT", "DELETE"], (path, method) => ($"{method} {{0}}{Calls.Artifacts}/{path}", method == "PUT" ? "evil" : "")));
    }

    private static async Task<TestStack> StartAsync()
    {
        var stack = await TestStack.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(stack.DataFolder, "secret.txt"), Secret, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(stack.DataFolder, "path"), Secret, TestContext.Current.CancellationToken);
        return stack;
    }

    private static async Task AssertRefusedAsync(TestStack stack, bool throughTheChain, IEnumerable<(string Line, string Body)> requests)
    {
        var before = Snapshot(stack);
        var wrong = new List<string>();
        foreach (var (line, body) in requests)
        {
            var (status, text) = await SendAsync(stack, throughTheChain, line, body);
            // A target with an encoded NUL ends at the socket already, whose answer has no body.
            var told = throughTheChain || text.EndsWith(InvalidPath, StringComparison.Ordinal) || line.EndsWith("%00.jpg", StringComparison.Ordinal);
            if (status != 400 || !told || text.Contains(Secret, StringComparison.Ordinal) || text.Contains("root:", StringComparison.Ordinal)) wrong.Add($"{line} -> {text.Split('\r')[0]} {text[^Math.Min(text.Length, 120)..]}");
        }
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong.Concat(stack.Logs.Entries.Where(e => e.Contains("failed", StringComparison.Ordinal) || e.Contains("draining", StringComparison.Ordinal)))));
        Assert.Equal(before, Snapshot(stack));
    }

    private static Task<(int Status, string Text)> SendAsync(TestStack stack, bool throughTheChain, string line, string body = "")
    {
        var target = line.Replace("{0}", throughTheChain ? "/api/mlflow" : "", StringComparison.Ordinal);
        return RawHttp.ExchangeAsync(throughTheChain ? stack.EdgeUrl : stack.TrackingUrl, $"{target} HTTP/1.1\nAuthorization: Bearer {stack.Key}", body);
    }

    // Everything but the databases, which change on their own, with a hash of what is in it.
    private static List<string> Snapshot(TestStack stack) =>
    [
        .. Directory.EnumerateFiles(stack.DataFolder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(file => !Path.GetFileName(file).Contains(".db", StringComparison.Ordinal) && Path.GetFileName(file) != "lock")
            .Select(file => $"{Path.GetRelativePath(stack.DataFolder, file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}")
            .Order(StringComparer.Ordinal),
    ];
}
