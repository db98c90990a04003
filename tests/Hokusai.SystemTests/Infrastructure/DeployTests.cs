using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure;

/// <summary>infrastructure/deploy, rehearsed with Terraform itself: what it does when all is well, and how it goes back when it is not.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeployTests(StubbedAws aws)
{
    private const int Deadline = 5 * 60_000;

    private static readonly string[] Proved = ["aws ecs wait services-stable --region eu-central-1 --cluster", "aws ecs describe-services --region eu-central-1 --cluster cluster-of-stage", "hokusai verify --url"];

    [Fact(Timeout = Deadline)]
    public async Task Deploy_AllIsWell_AppliesWaitsAndVerifies()
    {
        using var rehearsal = await PrepareAsync();
        var (code, output, errors) = await rehearsal.DeployAsync("image:1", "--yes");

        Assert.True(code == 0, output + errors);
        Assert.Equal(Proved, rehearsal.Calls.Select(Shortened));
        Assert.Contains("there is no listener yet", errors, StringComparison.Ordinal);
        Assert.Contains("this hokusai has no doctor", errors, StringComparison.Ordinal);
        Assert.Contains("\"image:1\"", rehearsal.State, StringComparison.Ordinal);
        Assert.DoesNotContain("key-of-the-test", output + errors, StringComparison.Ordinal);

        var again = await rehearsal.DeployAsync("image:1", "--yes");
        Assert.Equal(0, again.Code);
        Assert.Contains("nothing to change", again.Errors, StringComparison.Ordinal);
        Assert.Equal(Proved.Length, rehearsal.Calls.Count);
    }

    [Fact(Timeout = Deadline)]
    public async Task Deploy_EcsSaysCompletedAFewSecondsLater_IsAskedAgain()
    {
        using var rehearsal = await PrepareAsync();
        rehearsal.Tell("almost");

        var (code, output, errors) = await rehearsal.DeployAsync("image:1", "--yes");

        Assert.True(code == 0, output + errors);
        Assert.Equal([Proved[0], Proved[1], Proved[1], Proved[2]], rehearsal.Calls.Select(Shortened));
    }

    [Fact(Timeout = Deadline)]
    public async Task Deploy_PlanOnlyOrNotConfirmed_ShowsUrlsAndChangesNothing()
    {
        using var rehearsal = await PrepareAsync();
        await rehearsal.DeployAsync("image:1", "--yes");
        var before = rehearsal.State;

        var planned = await rehearsal.DeployAsync("image:2", "--plan-only");
        var unconfirmed = await rehearsal.DeployAsync("image:2");

        Assert.Equal((0, 1), (planned.Code, unconfirmed.Code));
        Assert.All((string[])[planned.Output, unconfirmed.Output], text => Assert.Contains("GET /api/mlflow: mlflow -> api", text, StringComparison.Ordinal));
        Assert.Contains("not wanted", unconfirmed.Errors, StringComparison.Ordinal);
        Assert.Equal(before, rehearsal.State);
    }

    [Theory(Timeout = Deadline)]
    // The verification fails once: with the new release, and not with the one that is gone back to.
    [InlineData("unwell", "image:2")]
    // ECS's circuit breaker went back: steady, and not what was given.
    [InlineData("went-back", "image:2")]
    // The apply itself ends half-way.
    [InlineData("nothing", "image:unappliable")]
    public async Task Deploy_NewReleaseFails_GoesBackToCommitAndImage(string fault, string image)
    {
        using var rehearsal = await PrepareAsync();
        Assert.Equal(0, (await rehearsal.DeployAsync("image:1", "--yes")).Code);
        rehearsal.Write("infrastructure/terraform/added.tf", "resource \"terraform_data\" \"only_in_the_second\" { input = \"second\" }\n");
        var second = await rehearsal.CommitAsync();
        rehearsal.Tell(fault);

        var (code, output, errors) = await rehearsal.DeployAsync(image, "--yes");

        Assert.True(code == 1, output + errors);
        Assert.Contains($"stage failed with {second[..12]}", errors, StringComparison.Ordinal);
        Assert.Contains("stage is back at", errors, StringComparison.Ordinal);
        // Not the image alone: what the failed commit had added is gone.
        Assert.Contains("\"image:1\"", rehearsal.State, StringComparison.Ordinal);
        Assert.DoesNotContain(image, rehearsal.State, StringComparison.Ordinal);
        Assert.DoesNotContain("only_in_the_second", rehearsal.State, StringComparison.Ordinal);
        // The release that was gone back to is proved like any other.
        Assert.Equal(Proved, rehearsal.Calls.TakeLast(Proved.Length).Select(Shortened));
    }

    // No certificate has the load balancer's own name.
    [Theory(Timeout = Deadline)]
    [InlineData("certificate_arn = \"arn:aws:acm:x\"", null, null)]
    [InlineData("certificate_arn = \"arn:aws:acm:x\"", "https://models.example.org/api/mlflow", "https://models.example.org/api/mlflow")]
    [InlineData("certificate_arn = \"arn:aws:acm:x\"\npublic_name = \"models.example.org\"", null, "https://models.example.org/api/mlflow")]
    [InlineData("public_name = null", null, "http://127.0.0.1:9/api/mlflow")]
    public async Task Deploy_WhatCouldNeverBeVerified_IsRefusedBeforeTheApply(string variables, string? url, string? verified)
    {
        using var rehearsal = await PrepareAsync();
        rehearsal.Write("private.tfvars", variables + "\n");

        var (code, output, errors) = await rehearsal.DeployAsync("image:1", ["--yes", "--var-file", rehearsal.PathOf("private.tfvars"), .. url is null ? [] : new[] { "--url", url }]);

        Assert.True(code == (verified is null ? 2 : 0), output + errors);
        if (verified is not null)
        {
            Assert.Equal($"hokusai verify --url {verified}", rehearsal.Calls[^1]);
            return;
        }
        Assert.Contains("set public_name in a --var-file, or give --url", errors, StringComparison.Ordinal);
        Assert.False(rehearsal.HasState);
        Assert.Empty(rehearsal.Calls);
    }

    [Fact(Timeout = Deadline)]
    public async Task Deploy_FirstReleaseFails_SaysThatThereIsNothingToGoBackTo()
    {
        using var rehearsal = await PrepareAsync();
        rehearsal.Tell("never-steady");

        var (code, _, errors) = await rehearsal.DeployAsync("image:1", "--yes");

        Assert.Equal(1, code);
        Assert.Contains("not steady after three waits", errors, StringComparison.Ordinal);
        Assert.Contains("nothing to go back to", errors, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadline)]
    public async Task Deploy_NoReleaseBecomesSteady_SaysThatGoingBackFailed()
    {
        using var rehearsal = await PrepareAsync();
        await rehearsal.DeployAsync("image:1", "--yes");
        rehearsal.Tell("never-steady");

        var (code, _, errors) = await rehearsal.DeployAsync("image:2", "--yes");

        Assert.Equal(1, code);
        Assert.Contains("GOING BACK FAILED", errors, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadline)]
    public async Task Rollback_ByHand_BringsAnEarlierCommitAndImage()
    {
        using var rehearsal = await PrepareAsync();
        var first = await rehearsal.CommitAsync();
        await rehearsal.DeployAsync("image:1", "--yes");
        await rehearsal.CommitAsync();
        rehearsal.Tell("has-doctor");
        await rehearsal.DeployAsync("image:2", "--yes");

        var (code, output, errors) = await rehearsal.DeployAsync("image:1", "--yes", "--rollback", "--to", first);

        Assert.True(code == 0, output + errors);
        Assert.Contains(first, rehearsal.State, StringComparison.Ordinal);
        Assert.StartsWith("hokusai doctor --url ", rehearsal.Calls[^1], StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadline)]
    public async Task Deploy_UnknownEnvironmentOrFlag_IsRefused()
    {
        using var rehearsal = await PrepareAsync();

        Assert.Equal(2, (await rehearsal.DeployAsync("image:1", "--yes", "--fast")).Code);
        Assert.Equal(2, (await rehearsal.DeployAsync("image:1", "--yes", "other")).Code);
        Assert.False(rehearsal.HasState);
        Assert.Empty(rehearsal.Calls);
    }

    [Fact(Timeout = 3 * Deadline)]
    public async Task Deploy_TheRepositorysOwnRoot_NamesTheUrlsAndGoesBack()
    {
        using var rehearsal = await DeployRehearsal.PrepareAsync(await aws.ServerAsync(), "production");
        rehearsal.Write("private.tfvars", """
            image_repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/hokusai"]
            certificate_arn       = "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
            public_name           = "models.example.org"
            direct_access_cidrs   = ["192.0.2.0/24"]
            direct_access_hosts   = ["mlflow.example.org"]
            """);
        const string First = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hokusai:1";
        const string Second = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hokusai:2";
        string[] flags = ["--yes", "--var-file", rehearsal.PathOf("private.tfvars")];
        var deployed = await rehearsal.DeployAsync(First, flags);
        Assert.True(deployed.Code == 0, deployed.Output + deployed.Errors);
        Assert.Equal("hokusai verify --url https://models.example.org/api/mlflow", rehearsal.Calls[^1]);

        // Only another image: no URL changes, neither past the gateway nor where http sends on to https.
        var unchanged = await rehearsal.DeployAsync(Second, [.. flags, "--plan-only"]);
        Assert.True(unchanged.Code == 0, unchanged.Output + unchanged.Errors);
        Assert.Matches("[0-9]{3,} requests compared, 0 go another way", unchanged.Output);

        rehearsal.Edit("infrastructure/terraform/routes.json", "\"/api/v1/keys/*\"], \"target\": \"auth\"", "\"/api/v1/keys/*\"], \"target\": \"api\"");
        await rehearsal.CommitAsync();
        rehearsal.Tell("unwell");
        var failed = await rehearsal.DeployAsync(Second, flags);

        Assert.Equal(1, failed.Code);
        Assert.Contains("/api/v1/keys/validate", failed.Output, StringComparison.Ordinal);
        Assert.Contains("  - the auth service\n  + the API service\n", failed.Output, StringComparison.Ordinal);
        Assert.Contains("production is back at", failed.Errors, StringComparison.Ordinal);
        Assert.Contains(First, rehearsal.State, StringComparison.Ordinal);
        Assert.DoesNotContain(Second, rehearsal.State, StringComparison.Ordinal);
    }

    // The script looks there for the verbs that it runs.
    [Fact(Timeout = Deadline)]
    public async Task Help_OfTheProgram_ListsVerbsAsTheScriptReadsThem()
    {
        var (code, help, _) = await HokusaiProcess.RunAsync(null, null, "--help");

        Assert.Equal(0, code);
        Assert.Matches(new Regex("^ +verify( |$)", RegexOptions.Multiline), help);
        Assert.DoesNotMatch(new Regex("^ +diff( |$)", RegexOptions.Multiline), help);
    }

    private static async Task<DeployRehearsal> PrepareAsync()
    {
        var present = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "terraform")));
        Image.BuiltImage.Need(present, "terraform on the PATH");
        return await DeployRehearsal.PrepareAsync();
    }

    // The longer commands' first words.
    private static string Shortened(string call) => Proved.FirstOrDefault(known => call.StartsWith(known, StringComparison.Ordinal)) ?? call;
}
