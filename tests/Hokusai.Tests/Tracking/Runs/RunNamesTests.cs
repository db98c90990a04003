using Hokusai.Tracking.Runs;

namespace Hokusai.Tests.Tracking.Runs;

public sealed class RunNamesTests
{
    [Fact]
    public void Next_Name_IsTwoWordsAndANumber() => Assert.All(Enumerable.Range(0, 200).Select(_ => RunNames.Next()), name => Assert.Matches("^[a-z]{3,7}-[a-z]{3,7}-[0-9]{1,3}$", name));

    // A million names: two equal ones among a hundred happen, half of them equal never.
    [Fact]
    public void Next_Often_GivesOtherNames() => Assert.InRange(Enumerable.Range(0, 100).Select(_ => RunNames.Next()).Distinct().Count(), 50, 100);
}
