using System.Text.Json;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

public sealed class UpTests
{
    private const int Deadline = 120_000;

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    [Fact(Timeout = Deadline)]
    public async Task Up_Json_WritesOneLineThatHasTheKeyOnTheFirstStartOnly()
    {
        using var folder = new TemporaryFolder();
        string key;
        await using (var first = await UpProcess.StartAsync(folder.PathOf("data")))
        {
            Assert.Equal(["edge", "gateway", "keys", "tracking", "api_key", "keys_admin"], JsonDocument.Parse(first.ReadyLine).RootElement.EnumerateObject().Select(field => field.Name));
            key = Assert.IsType<string>(first.FirstKey);
            first.Process.Terminate();
            Assert.Equal(0, await first.Process.WaitForExitAsync());
            Assert.Equal(first.ReadyLine, first.Process.Output);
        }

        await using var second = await UpProcess.StartAsync(folder.PathOf("data"), key);

        Assert.Null(second.FirstKey);
        (await second.Client().GetAsync("experiments/get?experiment_id=0")).Ok();
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_FromNothing_IsReadyWithinTenSeconds()
    {
        using var folder = new TemporaryFolder();
        var starts = 0;
        var best = await Prompt.BestAsync(Promised, async () =>
        {
            var begun = TimeProvider.System.GetTimestamp();
            await using var up = await UpProcess.StartAsync(folder.PathOf($"data-{++starts}"));
            var took = TimeProvider.System.GetElapsedTime(begun);
            (await up.Client().GetAsync("experiments/get?experiment_id=0")).Ok();
            return took;
        });

        Assert.InRange(best, TimeSpan.Zero, Promised);
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_Plain_ShowsTheLinesToPaste()
    {
        using var folder = new TemporaryFolder();
        await using var process = HokusaiProcess.Start("up", "--ports", "0", "--data", folder.PathOf("data"));
        var text = await ReadToTheEndAsync(process);

        var uri = Exported(text, "MLFLOW_TRACKING_URI");
        var token = Exported(text, "MLFLOW_TRACKING_TOKEN");
        process.RememberKey(token);

        using var calls = new Calls(uri, token);
        (await calls.GetAsync("experiments/get?experiment_id=0")).Ok();
    }

    [Theory(Timeout = Deadline)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Up_Signal_EndsFine(bool interrupt)
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        (await up.Client().GetAsync("experiments/get?experiment_id=0")).Ok();

        if (interrupt) up.Process.Interrupt();
        else up.Process.Terminate();

        // Less than the 10 s that running requests are given: the client's idle connection must not be waited for.
        Assert.Equal(0, await up.Process.WaitForExitAsync(TimeSpan.FromSeconds(9)));
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_SignalDuringAnUpload_FinishesItFirst()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        var content = new HeldContent(1 << 20);
        var upload = up.Client().PutAsync("0/slow.bin", content);
        await content.FirstHalfSent.WaitAsync(HokusaiProcess.Deadline, TestContext.Current.CancellationToken);
        await Until.TrueAsync("the upload arrives", HokusaiProcess.Deadline, () => folder.FilesBelow("data", "artifacts").Count > 0);

        up.Process.Terminate();
        await Until.TrueAsync("the edge takes no new connection", HokusaiProcess.Deadline, () => RefusesAsync(up.EdgeUrl));
        Assert.False(up.Process.HasExited);
        content.Release();

        (await upload).Ok();
        Assert.Equal(0, await up.Process.WaitForExitAsync());
        Assert.Equal(1 << 20, new FileInfo(folder.PathOf("data", "artifacts", "0", "slow.bin")).Length);
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_IdleAfterSomeWork_StaysSmall()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        var calls = up.Client();
        var run = await calls.CreateRunAsync();
        for (var step = 0; step < 200; step++) (await calls.PostAsync("runs/log-metric", new { run_id = run, key = "loss", value = 0.5, timestamp = step, step })).Ok();
        (await calls.PutAsync("0/model.txt", new string('x', 100_000))).Ok();
        (await calls.ReadAsync("0/model.txt")).Ok();

        Assert.InRange(up.Process.Resident, 1, 150L << 20);
    }

    [Fact(Timeout = Deadline)]
    public async Task Up_WithMlflow_StandsInFrontOfIt()
    {
        using var folder = new TemporaryFolder();
        await using var mlflow = await TrackingProcess.StartAsync(folder.Path);
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"), null, "--mlflow", mlflow.Url);

        var run = await up.Client().CreateRunAsync();

        Assert.Equal(mlflow.Url, up.TrackingUrl);
        (await mlflow.Client().GetAsync("runs/get?run_id=" + run)).Ok();
        Assert.Equal(401, (await up.Client(up.ClientUrl).GetAsync("runs/get?run_id=" + run)).Status);
        Assert.DoesNotContain("tracking.db", folder.FilesBelow("data"));
    }

    private static async Task<string> ReadToTheEndAsync(HokusaiProcess process)
    {
        while (!(await process.ReadLineAsync()).Contains("Ctrl-C", StringComparison.Ordinal)) Assert.False(process.HasExited, process.Errors);
        return process.Output;
    }

    private static string Exported(string text, string variable)
    {
        var line = Assert.Single(text.Split('\n'), line => line.Contains($"export {variable}=", StringComparison.Ordinal));
        return line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static async Task<bool> RefusesAsync(string url)
    {
        try
        {
            using var socket = await RawHttp.ConnectAsync(url);
            return false;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return true;
        }
    }
}
