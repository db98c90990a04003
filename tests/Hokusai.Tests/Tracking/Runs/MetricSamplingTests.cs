using Hokusai.Tracking.Runs;

namespace Hokusai.Tests.Tracking.Runs;

public sealed class MetricSamplingTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 1)]
    [InlineData(5, 5)]
    public void Choose_FewSteps_TakesAll(int count, int most) => Assert.Equal(Steps(count), MetricSampling.Choose(Steps(count), most).Order());

    // MLflow's rule: the steps at i * (n / most), and the last one.
    [Theory]
    [InlineData(10, 5, "0,2,4,6,8,9")]
    [InlineData(10, 3, "0,3,6,9")]
    [InlineData(10, 4, "0,2,5,7,9")]
    [InlineData(3, 2, "0,1,2")]
    [InlineData(10, 1, "0,9")]
    public void Choose_ManySteps_TakesEvenDistancesAndTheLast(int count, int most, string expected) =>
        Assert.Equal(expected.Split(',').Select(long.Parse), MetricSampling.Choose(Steps(count), most).Order());

    [Fact]
    public void Choose_AnySize_StaysWithinItsBound()
    {
        for (var count = 1; count < 400; count += 7)
        {
            for (var most = 1; most < 60; most += 3)
            {
                var chosen = MetricSampling.Choose([.. Steps(count).Select(step => step * 10)], most);
                Assert.InRange(chosen.Count, Math.Min(count, most), Math.Min(count, most + 1));
                Assert.Contains(0, chosen);
                Assert.Contains((count - 1) * 10L, chosen);
            }
        }
    }

    private static List<long> Steps(int count) => [.. Enumerable.Range(0, count).Select(i => (long)i)];
}
