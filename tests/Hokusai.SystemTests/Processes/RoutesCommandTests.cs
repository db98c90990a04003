using System.Runtime.Versioning;
using System.Text.Json;
using Hokusai.Routes.Sources;
using Hokusai.SystemTests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.SystemTests.Processes;

/// <summary><c>hokusai routes</c> as people run it, and with an <c>aws</c> program that a test wrote.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RoutesCommandTests : IDisposable
{
    private const int Deadline = 120_000;
    private const string LoadBalancer = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/chain/50dc6c495c0c9188";
    private const string Listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/chain/50dc6c495c0c9188/f2f7dc8efc522ab2";
    private const string Group = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Deadline)]
    public async Task Explain_MlflowsUrl_NamesRuleTargetAndPaths()
    {
        var (code, output, errors) = await HokusaiProcess.RunAsync(null, null, "routes", "explain", "GET", "https://registry.example.org/api/mlflow/api/2.0/mlflow/experiments/search");

        Assert.True(code == 0, errors);
        Assert.Equal(
            [
                "GET https://registry.example.org/api/mlflow/api/2.0/mlflow/experiments/search",
                "  rule         10 mlflow-api: path matches /api/mlflow/*",
                "  target       api (port 8001)",
                "  path         unchanged at the load balancer",
                "  at MLflow    /api/2.0/mlflow/experiments/search",
                "  endpoint     GET /api/2.0/mlflow/experiments/search, read, needs mlflow:read, retry safe, body metadata",
            ],
            output.Split('\n'));
    }

    [Theory(Timeout = Deadline)]
    [InlineData("/api*")]
    [InlineData("/api/mlflow/*")]
    public async Task Review_RuleOfTheIncident_NamesTheMisrouteFirst(string pattern)
    {
        var (code, output, _) = await HokusaiProcess.RunAsync(null, null, "routes", "review", Write("rules.json", Rules(pattern)), Write("groups.json", Groups));

        Assert.Equal(1, code);
        Assert.StartsWith("### 1. Error: misroute, listener f2f7dc8efc522ab2, rule 5", output.Split('\n').First(line => line.StartsWith("### ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("First of all: listener f2f7dc8efc522ab2, rule 5 sends MLflow's URLs to mlflow (MLflow) instead of the API service.", output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadline)]
    public async Task ExitCodes_AreThoseOfTheDesign()
    {
        Assert.Equal(0, (await HokusaiProcess.RunAsync(null, null, "routes", "show")).Code);
        Assert.Equal(0, (await HokusaiProcess.RunAsync(null, null, "routes", "check")).Code);
        Assert.Equal(1, (await HokusaiProcess.RunAsync(null, null, "routes", "check", "--routes", Write("routes.json", """{"default":null,"targets":{},"rules":[]}"""))).Code);
        var (code, output, errors) = await HokusaiProcess.RunAsync(null, null, "routes", "review", "none.json");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("hokusai: none.json: ", errors, StringComparison.Ordinal);
        Assert.Equal(2, (await HokusaiProcess.RunAsync(null, null, "routes", "explain", "GET")).Code);
    }

    [Fact(Timeout = Deadline)]
    public async Task Json_IsOneDocument()
    {
        foreach (var arguments in (string[][])[["show"], ["check"], ["explain", "GET", "/api"], ["review"], ["diff", Write("a.json", Rules("/a")), Write("b.json", Rules("/a"))]])
        {
            var (code, output, errors) = await HokusaiProcess.RunAsync(null, null, ["routes", .. arguments, "--json"]);
            Assert.True(code == 0, errors);
            using var json = JsonDocument.Parse(output);
        }
    }

    [Fact(Timeout = Deadline)]
    public async Task Listener_IsReadThroughTheAwsCli()
    {
        var (code, output, errors) = await WithAwsAsync($$$"""
            echo "$@" >> "$(dirname "$0")/calls"
            case $2 in
              describe-listeners) echo '{"Listeners":[{"ListenerArn":"{{{Listener}}}","LoadBalancerArn":"{{{LoadBalancer}}}","Port":443,"Protocol":"HTTPS","DefaultActions":[]}]}' ;;
              describe-rules) echo '{{{Rules("/api*")}}}' ;;
              describe-target-groups) echo '{{{Groups}}}' ;;
              describe-target-health) echo '{"TargetHealthDescriptions":[{"Target":{"Id":"10.0.1.9","Port":5000},"TargetHealth":{"State":"unhealthy","Reason":"Target.Timeout"}}]}' ;;
              describe-target-group-attributes) echo '{"Attributes":[{"Key":"deregistration_delay.timeout_seconds","Value":"300"}]}' ;;
            esac
            """, "routes", "review", "--listener", Listener, "--json");

        Assert.True(code == 1, errors);
        using var json = JsonDocument.Parse(output);
        var findings = json.RootElement.GetProperty("findings").EnumerateArray().Select(f => $"{f.GetProperty("code").GetString()} {f.GetProperty("place").GetString()}").ToList();
        Assert.Equal("misroute HTTPS:443, rule 5", findings[0]);
        Assert.Contains("no-healthy-target target group mlflow", findings);
        Assert.Contains("deregistration-delay target group api", findings);
        // A group of other load balancers is none of this one's business; one of none in the same networks is.
        Assert.Contains("unused-group target group idle", findings);
        Assert.DoesNotContain("foreign", output, StringComparison.Ordinal);

        var calls = await File.ReadAllLinesAsync(_folder.PathOf("calls"), TestContext.Current.CancellationToken);
        Assert.All(calls, call => Assert.Contains(" --region eu-west-1 --output json", call, StringComparison.Ordinal));
        Assert.Equal($"elbv2 describe-listeners --listener-arns {Listener}", calls[0].Split(" --region")[0]);
        Assert.Contains(calls, call => call.StartsWith($"elbv2 describe-target-health --target-group-arn {Group}mlflow/0123456789abcdef ", StringComparison.Ordinal));
    }

    [Fact(Timeout = Deadline)]
    public async Task Listener_NoPermission_NamesTheCommandAndThePermission()
    {
        var (code, output, errors) = await WithAwsAsync("""
            echo "
            An error occurred (AccessDenied) when calling the DescribeListeners operation: no identity-based policy allows it" >&2
            exit 254
            """, "routes", "show", "--listener", Listener);

        Assert.Equal((3, ""), (code, output));
        Assert.Equal("hokusai: aws elbv2 describe-listeners failed (exit code 254): An error occurred (AccessDenied) when calling the DescribeListeners operation: no identity-based policy allows it; the role needs the permission elasticloadbalancing:DescribeListeners", errors);
    }

    [Fact(Timeout = Deadline)]
    public async Task Listener_NoCliOrNoJson_IsNotReachable()
    {
        // One in the current folder is not it.
        using var here = new TemporaryFolder();
        await File.WriteAllTextAsync(here.PathOf("aws"), "", TestContext.Current.CancellationToken);
        var missing = await HokusaiProcess.RunAsync(here.Path, new Dictionary<string, string> { ["PATH"] = _folder.Path }, "routes", "show", "--listener", Listener);
        Assert.Equal(3, missing.Code);
        Assert.StartsWith("hokusai: the AWS CLI can't be started: there is no 'aws' on the PATH; install it, or ", missing.Errors, StringComparison.Ordinal);

        var odd = await WithAwsAsync("echo 'Bad gateway'", "routes", "show", "--listener", Listener);
        Assert.Equal(3, odd.Code);
        Assert.Contains("aws elbv2 describe-listeners wrote no JSON", odd.Errors, StringComparison.Ordinal);

        // More than anybody reads, without an end: it is ended.
        var endless = await WithAwsAsync("exec yes", "routes", "show", "--listener", Listener);
        Assert.Equal((3, "hokusai: aws elbv2 describe-listeners wrote more than 32 MiB"), (endless.Code, endless.Errors));
    }

    [Fact(Timeout = Deadline)]
    public async Task Listener_CliThatHangs_IsEndedAtItsDeadline()
    {
        var program = Executable("""
            echo $$ > "$(dirname "$0")/pid"
            exec sleep 600
            """);
        var time = new FakeTimeProvider();
        var cli = new AwsCli("eu-west-1", AwsCli.Deadline, program, time);

        var asked = cli.AskAsync("describe-rules", [], TestContext.Current.CancellationToken);
        var note = _folder.PathOf("pid");
        await Until.TrueAsync("the child runs", HokusaiProcess.Deadline, () => File.Exists(note) && File.ReadAllText(note).EndsWith('\n'));
        time.Advance(AwsCli.Deadline - TimeSpan.FromSeconds(1));
        Assert.False(asked.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => asked.InTime());

        Assert.Equal((3, "aws elbv2 describe-rules did not end within 60 s; is the network's way to AWS open?"), (failure.ExitCode, failure.Message));
        var status = $"/proc/{(await File.ReadAllTextAsync(note, TestContext.Current.CancellationToken)).Trim()}/status";
        await Until.TrueAsync("the child is ended", HokusaiProcess.Deadline, () => IsEnded(status));
    }

    private static bool IsEnded(string status)
    {
        try
        {
            return File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // Gone, perhaps just now.
            return true;
        }
    }

    private static string Rules(string pattern) => $$"""
        {"Rules":[
        {"RuleArn":"{{Listener.Replace(":listener/", ":listener-rule/", StringComparison.Ordinal)}}/0000000000000005","Priority":"5","IsDefault":false,"Conditions":[{"Field":"path-pattern","Values":["{{pattern}}"]}],"Actions":[{"Type":"forward","TargetGroupArn":"{{Group}}mlflow/0123456789abcdef"}]},
        {"RuleArn":"{{Listener.Replace(":listener/", ":listener-rule/", StringComparison.Ordinal)}}/0000000000000010","Priority":"10","IsDefault":false,"Conditions":[{"Field":"path-pattern","Values":["/api/mlflow","/api/mlflow/*"]}],"Actions":[{"Type":"forward","TargetGroupArn":"{{Group}}api/0123456789abcdef"}]},
        {"RuleArn":"{{Listener.Replace(":listener/", ":listener-rule/", StringComparison.Ordinal)}}/0000000000000000","Priority":"default","IsDefault":true,"Conditions":[],"Actions":[{"Type":"fixed-response","FixedResponseConfig":{"StatusCode":"404","ContentType":"application/json"} }]}
        ]}
        """;

    private static string Groups => $$"""{"TargetGroups":[{{OneGroup("api", 8001, LoadBalancer)}},{{OneGroup("mlflow", 5000, LoadBalancer)}},{{OneGroup("idle", 9000, null)}},{{OneGroup("foreign", 9001, LoadBalancer + "x")}}]}""";

    private static string OneGroup(string name, int port, string? loadBalancer) =>
        $$"""{"TargetGroupArn":"{{Group}}{{name}}/0123456789abcdef","TargetGroupName":"{{name}}","Protocol":"HTTP","Port":{{port}},"VpcId":"vpc-1","TargetType":"ip","HealthCheckPath":"/health","LoadBalancerArns":[{{(loadBalancer is null ? "" : $"\"{loadBalancer}\"")}}]}""";

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.PathOf(name), text);
        return _folder.PathOf(name);
    }

    private Task<(int Code, string Output, string Errors)> WithAwsAsync(string script, params string[] arguments)
    {
        Executable(script);
        return HokusaiProcess.RunAsync(null, new Dictionary<string, string> { ["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" }, arguments);
    }

    private string Executable(string script)
    {
        var program = _folder.PathOf("aws");
        ProgramFile.Write(program, $"#!/bin/sh\n{script}\n");
        return program;
    }
}
