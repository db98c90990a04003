using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <inheritdoc cref="ServiceMistakes"/>
public sealed class ServiceMistakeTests(StubbedAws aws)
{
    public static TheoryData<string> Names => [.. ServiceMistakes.All.Select(mistake => mistake.Name)];

    [Theory(Timeout = Deadlines.TerraformTest)]
    [MemberData(nameof(Names))]
    public Task Mistake_IsCaughtByName(string name) => ServiceMistakes.All.Single(mistake => mistake.Name == name).AssertCaughtAsync(aws);
}
