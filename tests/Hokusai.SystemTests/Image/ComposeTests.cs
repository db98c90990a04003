using System.Net;
using Hokusai.SystemTests.Fixtures;
using Xunit.Sdk;

namespace Hokusai.SystemTests.Image;

/// <summary>compose.yaml without an engine: what it says of each role is given to a process, with only names and ports replaced.</summary>
public sealed class ComposeTests(PostgresServer postgres) : IDisposable
{
    private const string Password = "word-of-the-test";
    private const int Retries = 6;

    private static readonly IReadOnlyDictionary<string, ComposeService> Services =
        ComposeFile.Read(Path.Combine(BuiltImage.Repository, "compose.yaml"), new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = Password });

    private readonly TemporaryFolder _folder = new();

    /// <summary>What stands in the file, and what it is here.</summary>
    private readonly List<(string Named, string Here)> _names = [];

    [Fact]
    public void Roles_AreClosed() => Assert.All(Services.Values.Where(service => service.IsRole), role =>
    {
        Assert.True(role.ReadOnly);
        Assert.Equal(["ALL"], role.DroppedCapabilities);
    });

    [Fact]
    public void Ports_AreReachedFromThisMachineOnly() => Assert.All(Services.Values.SelectMany(service => service.Ports), port => Assert.True(IPAddress.IsLoopback(IPAddress.Parse(port.Split(':')[0])), port));

    [Fact(Timeout = Deadlines.Test * 2)]
    public async Task Roles_AsTheFileStartsThem_ServeACallThroughAll()
    {
        foreach (var database in (string[])["mlflow", "keys"]) _names.Add(($"postgresql://hokusai:{Password}@postgres:5432/{database}", await postgres.CreateDatabaseAsync()));
        // Behind a port that is free here the server goes by another name, and /data is a folder of the test's.
        _names.AddRange([("--host=0.0.0.0", "--host=127.0.0.1"), ("--allowed-hosts=tracking:5000", "--allowed-hosts=127.0.0.1:*"), ("/data", _folder.Path)]);
        var started = new Dictionary<string, (HokusaiProcess Process, string Url)>();
        var key = "";
        try
        {
            while (Services.FirstOrDefault(service => service.Value.IsRole && !started.ContainsKey(service.Key) && service.Value.After.All(other => other == "postgres" || started.ContainsKey(other))) is { Value: { } role } next)
            {
                var process = StartRole(role);
                started[next.Key] = (process, "");
                (var url, key) = await ReadyAsync(process, key);
                started[next.Key] = (process, url);
                _names.Add(($"http://{next.Key}:{DefaultPort(role)}", url));
                await AssertHealthyAsync(next.Key, role.Health.Skip(1).Select(word => word.Replace($"http://127.0.0.1:{DefaultPort(role)}", url, StringComparison.Ordinal)));
            }

            using var calls = new Calls(started["edge"].Url + "/api/mlflow", key);
            var run = await calls.CreateRunAsync();
            (await calls.PutAsync($"{run}/model.txt", "bytes")).Ok();
            using var service = new Calls(started["edge"].Url, key);
            var self = await service.SendAsync(HttpMethod.Get, "/api/v1/keys/self");

            Assert.Equal(["edge", "gateway", "keys", "tracking"], started.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(200, self.Status);
            Assert.NotEmpty(_folder.FilesBelow("artifacts"));
            Assert.True(File.Exists(_folder.PathOf("keys.pepper")));
        }
        finally
        {
            foreach (var (process, _) in started.Values) await process.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    // An engine asks again too: one answer that does not come within the command's 2 s makes nobody ill.
    private static async Task AssertHealthyAsync(string role, IEnumerable<string> check)
    {
        var (code, errors) = (-1, "");
        for (var asked = 0; asked < Retries && code != 0; asked++) (code, _, errors) = await HokusaiProcess.RunAsync(null, null, check);
        Assert.True(code == 0, $"the health check of {role}: {errors}");
    }

    private HokusaiProcess StartRole(ComposeService role)
    {
        string[] free = role.Command.Contains("keys") ? ["--port=0", "--admin-port=0"] : ["--port=0"];
        return HokusaiProcess.Start(_folder.Path, role.Environment.ToDictionary(pair => pair.Key, pair => Here(pair.Value)), [.. role.Command.Select(Here), .. free]);
    }

    private string Here(string text) => _names.Aggregate(text, (now, name) => now.Replace(name.Named, name.Here, StringComparison.Ordinal));

    private static async Task<(string Url, string Key)> ReadyAsync(HokusaiProcess process, string key)
    {
        const string First = "first key, shown once: ";
        const string Ready = " listens on ";
        while (true)
        {
            var line = await process.ReadLineAsync();
            if (line.StartsWith(First, StringComparison.Ordinal)) key = line[First.Length..];
            else if (line.Contains(Ready, StringComparison.Ordinal)) return (line[(line.IndexOf(Ready, StringComparison.Ordinal) + Ready.Length)..], key);
        }
    }

    // The port that its health check asks is the one that it listens on when nobody says otherwise.
    private static int DefaultPort(ComposeService role) => role.Health.Select(word => Uri.TryCreate(word, UriKind.Absolute, out var address) ? address.Port : 0).FirstOrDefault(port => port > 0) is var found and > 0 ? found : throw new XunitException("a role without a health check");
}
