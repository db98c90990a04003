using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <inheritdoc cref="NetworkMistakes"/>
public sealed class NetworkMistakeTests(StubbedAws aws)
{
    public static TheoryData<string> Names => [.. NetworkMistakes.All.Select(mistake => mistake.Name)];

    [Theory(Timeout = Deadlines.TerraformTest)]
    [MemberData(nameof(Names))]
    public Task Mistake_IsCaughtByName(string name) => NetworkMistakes.All.Single(mistake => mistake.Name == name).AssertCaughtAsync(aws);
}
