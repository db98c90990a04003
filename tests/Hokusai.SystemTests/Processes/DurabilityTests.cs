using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

/// <summary>An answered write is on disk: also when the process is killed in the middle of others.</summary>
public sealed class DurabilityTests
{
    private const int Deadline = 180_000;
    private const int Kills = 3;
    private const int Single = 6;
    private const int Batched = 2;
    private const int PointsInABatch = 5;
    private const int AnsweredBeforeKill = 300;

    [Fact(Timeout = Deadline)]
    public async Task LogMetricAndLogBatch_KilledInMidStream_EveryAnsweredPointIsThere()
    {
        using var folder = new TemporaryFolder();
        var writers = Enumerable.Range(0, Single + Batched).Select(i => new Writer($"metric-{i}", i < Single ? 1 : PointsInABatch)).ToList();
        string? run = null;
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var tracking = await TrackingProcess.StartAsync(folder.Path);
            var calls = tracking.Client();
            run ??= await calls.CreateRunAsync();
            await AssertAllThereAsync(calls, run, writers);

            // Killed by the one who sees the last answer, at once: what is on its way to the disk then must not have been answered.
            var left = AnsweredBeforeKill;
            await Task.WhenAll(writers.ConvertAll(writer => writer.StreamAsync(tracking.Client(), run, () =>
            {
                if (Interlocked.Decrement(ref left) == 0) tracking.Process.Kill();
            }))).WaitAsync(HokusaiProcess.Deadline, TestContext.Current.CancellationToken);
            Assert.InRange(left, int.MinValue, 0);
            await tracking.Process.WaitForExitAsync();
        }

        await using var last = await TrackingProcess.StartAsync(folder.Path);
        await AssertAllThereAsync(last.Client(), run!, writers);
        Assert.All(writers, writer => Assert.NotEmpty(writer.Answered));
    }

    private static async Task AssertAllThereAsync(Calls calls, string run, IEnumerable<Writer> writers)
    {
        foreach (var writer in writers)
        {
            var stored = (await calls.HistoryAsync(run, writer.Metric)).ToHashSet();
            Assert.DoesNotContain(writer.Answered, point => !stored.Contains(point));
            // What was not answered may be there or not, but a batch is there as a whole or not at all.
            Assert.Equal(0, stored.Count % writer.Size);
        }
    }

    /// <summary>Logs to one metric over a connection of its own and notes what was answered.</summary>
    private sealed class Writer(string metric, int size)
    {
        private long _step;

        public string Metric => metric;

        public int Size => size;

        public List<(long Step, double Value)> Answered { get; } = [];

        /// <summary>Logs until the server is gone.</summary>
        public async Task StreamAsync(Calls calls, string run, Action onAnswer)
        {
            while (true)
            {
                var points = Enumerable.Range(0, size).Select(_ => (Step: _step++, Value: _step * 0.25)).ToList();
                try
                {
                    (await SendAsync(calls, run, points)).Ok();
                }
                catch (HttpRequestException)
                {
                    return;
                }
                onAnswer();
                Answered.AddRange(points);
            }
        }

        private Task<Answer> SendAsync(Calls calls, string run, List<(long Step, double Value)> points) => size == 1
            ? calls.PostAsync("runs/log-metric", new { run_id = run, key = metric, value = points[0].Value, timestamp = 1, step = points[0].Step })
            : calls.PostAsync("runs/log-batch", new { run_id = run, metrics = points.Select(point => new { key = metric, value = point.Value, timestamp = 1, step = point.Step }) });
    }
}
