using System.Text.Json;
using System.Text.RegularExpressions;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Stub;

/// <summary>Terraform's own commands against the stub of the AWS provider, on a small configuration.</summary>
public sealed partial class StubLifeTests(StubbedAws aws)
{
    [Fact(Timeout = Deadlines.TerraformTest)]
    public async Task Sample_FromInitToDestroy_EndsWithNothingLeft()
    {
        using var run = await Sample.CopyAsync(aws);
        await run.InitAsync();
        (await run.RunAsync("fmt", "-check", "-recursive")).AssertCode(0);
        (await run.RunAsync("validate", "-json")).AssertCode(0);
        (await run.RunAsync("plan", "-json", "-detailed-exitcode", "-out=plan")).AssertCode(2);
        (await run.RunAsync("apply", "-json", "plan")).AssertCode(0);
        // The second plan finds nothing to do: what was applied is what was asked for.
        (await run.RunAsync("plan", "-json", "-detailed-exitcode")).AssertCode(0);
        (await run.RunAsync("destroy", "-json", "-auto-approve")).AssertCode(0);
        Assert.False((await run.StateAsync()).TryGetProperty("values", out var left) && left.GetRawText().Contains("aws_", StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadlines.TerraformTest)]
    public async Task Apply_AnyCommand_WarnsThatItIsAStub()
    {
        using var run = await Sample.CopyAsync(aws);
        await run.InitAsync();
        Assert.Contains((await run.RunAsync("plan", "-json")).AssertCode(0).Warnings, warning => warning.Contains("never talks to AWS", StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadlines.TerraformTest)]
    public async Task Apply_Change_KeepsIdsAndPlansNothingAfterwards()
    {
        using var run = await Sample.CopyAsync(aws);
        var before = await Sample.ApplyAsync(run);
        run.Edit("main.tf", "interval = 10", "interval = 15");
        (await run.RunAsync("apply", "-json", "-auto-approve")).AssertCode(0);
        var after = Sample.Resources(await run.StateAsync());
        Assert.Equal(before["aws_lb_target_group.api"].GetProperty("arn").GetString(), after["aws_lb_target_group.api"].GetProperty("arn").GetString());
        Assert.Equal(15, after["aws_lb_target_group.api"].GetProperty("health_check")[0].GetProperty("interval").GetInt32());
        (await run.RunAsync("plan", "-json", "-detailed-exitcode")).AssertCode(0);
    }

    [Fact(Timeout = Deadlines.TerraformTest)]
    public async Task Apply_Twice_GivesTheSameValues()
    {
        using var first = await Sample.CopyAsync(aws);
        using var second = await Sample.CopyAsync(aws);
        Assert.Equal(Ids(await Sample.ApplyAsync(first)), Ids(await Sample.ApplyAsync(second)));

        // Which of two equal resources comes first is Terraform's choice; here none are equal.
        static IEnumerable<string> Ids(Dictionary<string, JsonElement> resources) => resources.Select(resource => $"{resource.Key} {resource.Value.GetProperty("id")}").Order(StringComparer.Ordinal);
    }

    [Fact(Timeout = Deadlines.TerraformTest)]
    public async Task Applied_Values_HaveTheFormOfAws()
    {
        using var run = await Sample.CopyAsync(aws);
        var resources = await Sample.ApplyAsync(run);
        var arns = resources.Values.Where(values => values.TryGetProperty("arn", out _)).Select(values => values.GetProperty("arn").GetString()!).ToList();
        Assert.All(arns, arn => Assert.Matches(Arn(), arn));
        Assert.Equal(arns.Count, arns.Distinct().Count());
        var balancer = resources["aws_lb.this"];
        Assert.EndsWith(balancer.GetProperty("arn_suffix").GetString()!, balancer.GetProperty("arn").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(".eu-central-1.elb.amazonaws.com", balancer.GetProperty("dns_name").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(resources["aws_lb_target_group.api"].GetProperty("arn_suffix").GetString()!, resources["aws_lb_target_group.api"].GetProperty("arn").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(balancer.GetProperty("arn").GetString()!.Replace(":loadbalancer/", ":listener/", StringComparison.Ordinal), resources["aws_lb_listener.this"].GetProperty("arn").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("sg-", resources["aws_security_group.this"].GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("hokusai", balancer.GetProperty("tags_all").GetProperty("project").GetString());
    }

    [Fact(Timeout = Deadlines.TerraformTest)]
    public async Task PolicyDocument_Statement_IsRendered()
    {
        using var run = await Sample.CopyAsync(aws);
        using var policy = JsonDocument.Parse((await Sample.ApplyAsync(run))["aws_iam_role.task"].GetProperty("assume_role_policy").GetString()!);
        Assert.Equal("2012-10-17", policy.RootElement.GetProperty("Version").GetString());
        var statement = Assert.Single(policy.RootElement.GetProperty("Statement").EnumerateArray());
        Assert.Equal("""{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}}""", JsonSerializer.Serialize(statement));
    }

    [Fact(Timeout = Deadlines.TerraformTest)]
    public async Task Test_WithMockProvider_RunsOnTheSchema()
    {
        using var run = await Sample.CopyAsync(aws);
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "sample.tftest.hcl"), """
            mock_provider "aws" {
              mock_data "aws_availability_zones" {
                defaults = { names = ["eu-central-1a", "eu-central-1b"] }
              }
              mock_data "aws_iam_policy_document" {
                defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
              }
            }

            run "load_balancer" {
              command = plan

              assert {
                condition     = aws_lb.this.name == "hokusai"
                error_message = "the load balancer has another name"
              }
            }

            run "rules" {
              command = plan

              assert {
                condition     = alltrue([for rule in aws_lb_listener_rule.this : rule.action[0].type == "forward"])
                error_message = "a rule does not forward"
              }
            }
            """, TestContext.Current.CancellationToken);
        await run.InitAsync();
        Assert.Contains("2 passed, 0 failed", (await run.RunAsync("test", "-no-color")).AssertCode(0).Output, StringComparison.Ordinal);
        run.Edit("main.tf", "name            = \"hokusai\"", "name            = \"other\"");
        Assert.Contains("the load balancer has another name", (await run.RunAsync("test", "-no-color")).AssertCode(1).Errors, StringComparison.Ordinal);
    }

    [GeneratedRegex("^arn:aws:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$", RegexOptions.CultureInvariant)]
    private static partial Regex Arn();
}
