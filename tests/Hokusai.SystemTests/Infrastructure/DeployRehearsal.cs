using System.Diagnostics;
using System.Runtime.Versioning;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure;

/// <summary>
/// A checkout of its own with the deploy script, a root that needs no provider, and Terraform itself, state and all. In the place of AWS and
/// of the program that verifies stand scripts that note what they are asked and fail when they are told to.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class DeployRehearsal : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    // Resources that are there without any provider: a service whose task definition is its image. One image can't be applied.
    private const string Root = """
        variable "environment" { type = string }
        variable "region" { type = string }
        variable "image" { type = string }
        terraform {
          backend "s3" {}
        }
        resource "terraform_data" "aws_lb_listener" { input = "rules" }
        resource "terraform_data" "service" {
          input = "task-of-${var.image}"
          triggers_replace = var.image
          provisioner "local-exec" { command = "test ${var.image} != image:unappliable" }
        }
        output "cluster" { value = "cluster-of-${var.environment}" }
        output "services" { value = { api = { name = "api", task_definition = terraform_data.service.output } } }
        output "tracking_uri" { value = "http://127.0.0.1:9/api/mlflow" }
        """;

    // What runs is what the state says, unless ECS "went back by itself".
    private const string Aws = """
        #!/bin/sh
        echo "aws $1 $2 $3 $4 $5 $6" >>"$ROOT/calls"
        case $2 in
          wait) [ ! -e "$ROOT/never-steady" ] ;;
          describe-services)
            if [ -e "$ROOT/went-back" ]; then rm "$ROOT/went-back"; echo "task-of-another COMPLETED"; exit 0; fi
            echo "$(sed -n 's/.*"task_definition": "\(.*\)".*/\1/p' "$ROOT/state" | head -n 1) COMPLETED" ;;
        esac
        """;

    private const string Program = """
        #!/bin/sh
        case "$*" in
          'routes --help') echo "  diff <OLD> <NEW>  what changes"; exit 0 ;;
          --help) echo "  verify  registers a model"; if [ -e "$ROOT/has-doctor" ]; then echo "  doctor  looks"; fi; exit 0 ;;
        esac
        echo "hokusai $1 $2" >>"$ROOT/calls"
        case $1 in
          routes) echo "GET /api/mlflow: mlflow -> api"; exit 1 ;;
          verify) if [ -e "$ROOT/unwell" ]; then rm "$ROOT/unwell"; exit 1; fi ;;
        esac
        """;

    private readonly TemporaryFolder _folder = new();

    private DeployRehearsal()
    {
    }

    /// <summary>What AWS and the program were asked, in order.</summary>
    public IReadOnlyList<string> Calls => File.Exists(_folder.PathOf("calls")) ? File.ReadAllLines(_folder.PathOf("calls")) : [];

    /// <summary>Whether there is a state.</summary>
    public bool HasState => File.Exists(_folder.PathOf("state"));

    /// <summary>What the state says that was deployed, as text.</summary>
    public string State => File.ReadAllText(_folder.PathOf("state"));

    public static async Task<DeployRehearsal> PrepareAsync()
    {
        var rehearsal = new DeployRehearsal();
        var repository = Image.BuiltImage.Repository;
        rehearsal.Write("infrastructure/terraform/main.tf", Root);
        rehearsal.Write("infrastructure/terraform/routes.json", "{}");
        rehearsal.Write("infrastructure/terraform/environments/stage.tfvars", "environment = \"stage\"\nregion = \"eu-central-1\"\n");
        File.Copy(Path.Combine(repository, "infrastructure/terraform/deployed.tf"), rehearsal._folder.PathOf("checkout", "infrastructure/terraform/deployed.tf"));
        File.Copy(Path.Combine(repository, "infrastructure/deploy"), rehearsal._folder.PathOf("checkout", "infrastructure/deploy"));
        Directory.CreateDirectory(rehearsal._folder.PathOf("programs"));
        rehearsal.WriteProgram("aws", Aws);
        rehearsal.WriteProgram("hokusai", Program);
        await rehearsal.GitAsync("init", "--quiet");
        await rehearsal.CommitAsync();
        return rehearsal;
    }

    /// <summary>Makes the next question go another way: a name that one of the scripts knows.</summary>
    public void Tell(string name) => File.WriteAllText(_folder.PathOf(name), "");

    /// <summary>Commits what is there.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync()
    {
        await GitAsync("add", "--all");
        await GitAsync("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--allow-empty", "--message", "release");
        return await GitAsync("rev-parse", "HEAD");
    }

    /// <summary>Changes a file of the checkout.</summary>
    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf("checkout", file))!);
        File.WriteAllText(_folder.PathOf("checkout", file), text);
    }

    /// <summary>Deploys to the environment <c>stage</c>.</summary>
    public async Task<(int Code, string Output, string Errors)> DeployAsync(string image, params IEnumerable<string> flags) =>
        await RunAsync(_folder.PathOf("checkout", "infrastructure/deploy"), ["stage", "--image", image, "--local-state", _folder.PathOf("state"), .. flags]);

    public void Dispose() => _folder.Dispose();

    private async Task<string> GitAsync(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync("git", ["-C", _folder.PathOf("checkout"), .. arguments]);
        return code == 0 ? output.Trim() : throw new InvalidOperationException($"git {arguments[0]}: {errors}");
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["ROOT"] = _folder.Path;
        start.Environment["HOKUSAI"] = _folder.PathOf("programs", "hokusai");
        start.Environment["HOKUSAI_API_KEY"] = "key-of-the-test";
        start.Environment["PATH"] = _folder.PathOf("programs") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        // Where Terraform looks on a machine whose owner set something up is not where it looks here.
        start.Environment["TF_CLI_CONFIG_FILE"] = _folder.PathOf("terraform.rc");
        await File.WriteAllTextAsync(_folder.PathOf("terraform.rc"), "", TestContext.Current.CancellationToken);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(late.Token);
        var errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        return (process.ExitCode, await output, await errors);
    }

    private void WriteProgram(string name, string text)
    {
        File.WriteAllText(_folder.PathOf("programs", name), text);
        File.SetUnixFileMode(_folder.PathOf("programs", name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
