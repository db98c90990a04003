using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <inheritdoc cref="RoutingMistakes"/>
public sealed class RoutingMistakeTests(StubbedAws aws)
{
    public static TheoryData<string> Names => [.. RoutingMistakes.All.Select(mistake => mistake.Name)];

    [Theory(Timeout = Deadlines.TerraformTest)]
    [MemberData(nameof(Names))]
    public Task Mistake_IsCaughtByName(string name) => RoutingMistakes.All.Single(mistake => mistake.Name == name).AssertCaughtAsync(aws);
}
