namespace Hokusai.SystemTests.Conformance;

public sealed class ScenarioTests
{
    public static TheoryData<string> Names { get; } = [.. Scenario.AllNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_EachFile_HasItsNameAndSteps(string name)
    {
        var scenario = Scenario.Read(name);

        Assert.Equal(name, scenario.Name);
        Assert.NotEmpty(scenario.Steps);
        Assert.All(scenario.Steps, step => Assert.InRange(step.Expect.Status, 200, 599));
    }
}
