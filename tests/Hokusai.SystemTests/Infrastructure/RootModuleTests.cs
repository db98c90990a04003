using System.Text.Json;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Infrastructure.Policies;

namespace Hokusai.SystemTests.Infrastructure;

/// <summary>The Terraform code as a whole, applied with the stub of the AWS provider.</summary>
public sealed class RootModuleTests(StubbedAws aws)
{
    /// <summary>Environments and what else is set.</summary>
    public static TheoryData<string, string[]> Cases => new()
    {
        { "development", [] },
        { "production", [] },
        // With what is off by default: MLflow past the gateway, administration of keys from a network.
        { "development", ["direct_access_cidrs=[\"192.0.2.0/24\"]", "direct_access_hosts=[\"mlflow.example.org\"]", "admin_cidrs=[\"198.51.100.0/24\"]", "egress=endpoints"] },
        { "production", ["direct_access_cidrs=[\"192.0.2.0/24\"]", "direct_access_hosts=[\"mlflow.example.org\"]", "cache=null", "egress=nat"] },
    };

    [Theory(Timeout = Deadlines.TerraformTest)]
    [MemberData(nameof(Cases))]
    public async Task Root_FromInitToDestroy_KeepsEveryPolicy(string environment, string[] more)
    {
        using var run = await RootModule.CopyAsync(aws);
        string[] variables = RootModule.Variables(environment, more);
        await run.InitAsync();
        (await run.RunAsync("fmt", "-check", "-recursive")).AssertCode(0);
        (await run.RunAsync("validate", "-json")).AssertCode(0);
        (await run.RunAsync(["plan", "-json", "-out=plan", .. variables])).AssertCode(0);
        (await run.RunAsync("apply", "-json", "plan")).AssertCode(0);
        (await run.RunAsync(["plan", "-json", "-detailed-exitcode", .. variables])).AssertCode(0);
        var findings = InfrastructurePolicies.Check(await RootModule.StateAsync(run, environment));
        Assert.True(findings.Count == 0, string.Join('\n', findings));
        (await run.RunAsync(["apply", "-destroy", "-auto-approve", "-json", .. variables])).AssertCode(0);
    }

    // AWS refuses a priority that another rule still has (PriorityInUse), and Terraform changes, makes and deletes rules side by side.
    [Theory(Timeout = Deadlines.TerraformTest)]
    [InlineData("\"name\": \"keys\", \"priority\": 20", "\"name\": \"key-service\", \"priority\": 20")]
    [InlineData("\"name\": \"mlflow-api\", \"priority\": 10", "\"name\": \"mlflow-api\", \"priority\": 20", "\"name\": \"keys\", \"priority\": 20", "\"name\": \"keys\", \"priority\": 10")]
    public async Task Rules_RenamedOrSwapped_NeverWantAPriorityThatIsTaken(params string[] edits)
    {
        using var run = await RootModule.CopyAsync(aws);
        run.GoOnFrom(await aws.AppliedAsync("production"));
        foreach (var edit in edits.Chunk(2)) run.Edit("routes.json", edit[0], edit[1]);
        (await run.RunAsync(["plan", "-json", "-detailed-exitcode", "-out=plan", .. RootModule.Variables("production")])).AssertCode(2);

        using var plan = JsonDocument.Parse((await run.RunAsync("show", "-json", "plan")).AssertCode(0).Output);
        var changes = plan.RootElement.GetProperty("resource_changes").EnumerateArray().Where(change => change.GetProperty("type").GetString() == "aws_lb_listener_rule")
            .Select(change => change.GetProperty("change")).Where(change => change.GetProperty("actions")[0].GetString() != "no-op").ToList();
        Assert.NotEmpty(changes);
        Assert.All(changes, change => Assert.Equal("update", Assert.Single(change.GetProperty("actions").EnumerateArray()).GetString()));
        Assert.All(changes, change => Assert.Equal(change.GetProperty("before").GetProperty("priority").GetInt32(), change.GetProperty("after").GetProperty("priority").GetInt32()));
    }
}
