using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Infrastructure.Policies;

namespace Hokusai.SystemTests.Infrastructure;

/// <summary><c>infrastructure/terraform</c> of this checkout, copied and applied with the stub.</summary>
internal static class RootModule
{
    // What an account must give; the account is the one of AWS's own examples.
    private const string Account = """
        image                 = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hokusai:1.0.0"
        image_repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/hokusai"]
        certificate_arn       = "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
        """;

    private const string AccountFile = "account.tfvars";

    /// <summary>The environments for which there are variables, with direct access to MLflow on and off.</summary>
    public static string[] Environments { get; } = ["development", "production"];

    private static string Repository
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Hokusai.slnx"))) return folder.FullName;
            }
            throw new InvalidOperationException($"no Hokusai.slnx above {AppContext.BaseDirectory}: these tests read the Terraform code of the checkout that built them");
        }
    }

    /// <summary>Copies it.</summary>
    public static async Task<TerraformRun> CopyAsync(StubbedAws aws)
    {
        var run = await TerraformRun.CopyAsync(aws, Path.Combine(Repository, "infrastructure", "terraform"));
        await File.WriteAllTextAsync(Path.Combine(run.Folder, AccountFile), Account, TestContext.Current.CancellationToken);
        // The routing module's own tests read the requests that the edge's tests read too.
        var cases = Directory.CreateDirectory(Path.Combine(run.Checkout, "tests", "cases")).FullName;
        File.Copy(Path.Combine(Repository, "tests", "cases", "listener-urls.json"), Path.Combine(cases, "listener-urls.json"));
        return run;
    }

    /// <summary>The flags that choose an environment.</summary>
    public static string[] Variables(string environment, params IEnumerable<string> more) => [$"-var-file=environments/{environment}.tfvars", $"-var-file={AccountFile}", .. more.Select(variable => $"-var={variable}")];

    /// <summary>What was applied, for the policies.</summary>
    public static async Task<AppliedState> StateAsync(TerraformRun run, string environment) => new(await run.StateAsync(), run.Folder, environment == "production");
}
