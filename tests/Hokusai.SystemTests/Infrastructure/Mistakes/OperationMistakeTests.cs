using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <inheritdoc cref="OperationMistakes"/>
public sealed class OperationMistakeTests(StubbedAws aws)
{
    public static TheoryData<string> Names => [.. OperationMistakes.All.Select(mistake => mistake.Name)];

    [Theory(Timeout = Deadlines.TerraformTest)]
    [MemberData(nameof(Names))]
    public Task Mistake_IsCaughtByName(string name) => OperationMistakes.All.Single(mistake => mistake.Name == name).AssertCaughtAsync(aws);
}
