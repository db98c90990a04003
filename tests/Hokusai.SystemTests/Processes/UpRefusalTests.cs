using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

[UnsupportedOSPlatform("windows")]
public sealed class UpRefusalTests
{
    private const int Deadline = 120_000;
    private const int BadUsage = 2;
    private const int NotReachable = 3;

    [Fact(Timeout = Deadline)]
    public async Task Up_DataFolderOfAnother_IsRefusedAndTheOtherGoesOn()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));

        AssertRefused(await UpAsync("--data", folder.PathOf("data")), NotReachable, folder.PathOf("data"), "in use", "--data");

        (await up.Client().GetAsync("experiments/get?experiment_id=0")).Ok();
    }

    [Theory(Timeout = Deadline)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Up_PortInUse_NamesIt(int taken)
    {
        using var folder = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var ports = string.Join(',', Enumerable.Range(0, 4).Select(i => i == taken ? port : "0"));

        AssertRefused(await HokusaiProcess.RunAsync(folder.Path, null, "up", "--ports", ports, "--data", "data"), NotReachable, "127.0.0.1:" + port, "in use");

        // Nothing may be shown or lost by a start that failed: the next one mints the first key.
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        if (taken > 1) Assert.NotNull(up.FirstKey);
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_FileInPlaceOfTheDataFolder_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("data"), "", TestContext.Current.CancellationToken);

        AssertRefused(await UpAsync("--data", folder.PathOf("data")), NotReachable, folder.PathOf("data"), "--data");
        AssertRefused(await UpAsync("--data", folder.PathOf("data", "below")), NotReachable, folder.PathOf("data", "below"), "--data");
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_DataFolderWhereNobodyCanWrite_IsRefused()
    {
        AssertRefused(await UpAsync("--data", "/proc/x"), NotReachable, "/proc/x", "--data");

        if (Environment.IsPrivilegedProcess) return; // For root there is no folder that a mode closes.
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("data"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        AssertRefused(await UpAsync("--data", folder.PathOf("data")), NotReachable, folder.PathOf("data"), "--data");
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_FileInPlaceOfTheArtifacts_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("artifacts"), "", TestContext.Current.CancellationToken);

        AssertRefused(await UpAsync("--data", folder.Path), NotReachable, "tracking", folder.PathOf("artifacts"));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("'--prots'", "up", "--prots", "0")]
    [InlineData("'8080,8001'", "up", "--ports", "8080,8001")]
    [InlineData("'99999,1,2,3'", "up", "--ports", "99999,1,2,3")]
    [InlineData("'localhost:5000'", "up", "--mlflow", "localhost:5000")]
    [InlineData("'launch'", "launch")]
    [InlineData("'database'", "serve", "database")]
    [InlineData("99999", "serve", "tracking", "--port", "99999")]
    [InlineData("'many'", "serve", "tracking", "--port", "many")]
    [InlineData("'example.org'", "serve", "tracking", "--host", "example.org")]
    [InlineData("--serve-artifacts", "serve", "tracking", "--serve-artifacts", "--no-serve-artifacts")]
    [InlineData("'api:8001'", "serve", "edge", "--target", "api:8001")]
    [InlineData("'missing.json'", "serve", "gateway", "--config", "missing.json")]
    public async Task Hokusai_BadUsage_NamesWhatIsWrong(string named, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var (code, output, errors) = await HokusaiProcess.RunAsync(folder.Path, null, arguments);

        Assert.Equal(BadUsage, code);
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Empty(output);
        Assert.Empty(folder.FilesBelow());
    }

    private static Task<(int Code, string Output, string Errors)> UpAsync(params string[] flags) => HokusaiProcess.RunAsync(null, null, ["up", "--ports", "0", .. flags]);

    // One clear line for people. Log lines are JSON here, and may stand before it.
    private static void AssertRefused((int Code, string Output, string Errors) run, int code, params string[] named)
    {
        Assert.Equal(code, run.Code);
        Assert.Empty(run.Output);
        var line = Assert.Single(run.Errors.Split('\n'), line => !line.StartsWith('{'));
        Assert.StartsWith("hokusai: ", line, StringComparison.Ordinal);
        Assert.All(named, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }
}
