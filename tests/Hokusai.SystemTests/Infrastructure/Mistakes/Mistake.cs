using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Infrastructure.Policies;

namespace Hokusai.SystemTests.Infrastructure.Mistakes;

/// <summary>A mistake that somebody could make in <c>infrastructure/terraform</c>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="File">The file that has it.</param>
/// <param name="Find">The right text, which must stand there once.</param>
/// <param name="Replacement">The wrong one.</param>
/// <param name="Message">What must be said about it.</param>
internal sealed record Mistake(string Name, string File, string Find, string Replacement, string Message)
{
    public string Environment { get; init; } = "development";

    public string[] Variables { get; init; } = [];

    /// <summary>
    /// Applies the Terraform code with the mistake to an environment that was fine, looks at the result as CI does, and fails
    /// the test if nobody names the mistake.
    /// </summary>
    public async Task AssertCaughtAsync(StubbedAws aws)
    {
        using var run = await RootModule.CopyAsync(aws);
        run.Edit(File, Find, Replacement);
        run.GoOnFrom(await aws.AppliedAsync(Environment));
        var said = await SaidAsync(run);
        Assert.True(said.Any(line => line.Contains(Message, StringComparison.Ordinal)), $"\"{Name}\" was not caught by name; looked for \"{Message}\", said was:\n{string.Join('\n', said)}");
    }

    private async Task<IReadOnlyList<string>> SaidAsync(TerraformRun run)
    {
        var applied = await run.RunAsync(["apply", "-json", "-auto-approve", .. RootModule.Variables(Environment, Variables)]);
        if (applied.Code != 0) return applied.Faults;
        var findings = InfrastructurePolicies.Check(await RootModule.StateAsync(run, Environment));
        if (findings.Count > 0) return [.. findings.Select(finding => finding.ToString())];
        // What the table says is what was applied; whether it says the right thing, its own tests know.
        return (await run.RunAsync("-chdir=modules/routing", "init", "-no-color")).Code != 0 ? [] : [(await run.RunAsync("-chdir=modules/routing", "test", "-no-color")).Errors];
    }
}
