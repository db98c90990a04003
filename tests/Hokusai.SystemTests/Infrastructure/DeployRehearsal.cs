using System.Diagnostics;
using System.Runtime.Versioning;
using Hokusai.AwsStub;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Image;

namespace Hokusai.SystemTests.Infrastructure;

/// <summary>
/// A checkout of its own with the deploy script, a root that needs no provider, and Terraform itself, state and all. In the place of AWS and
/// of the program that verifies stand scripts that note what they are asked and fail when they are told to.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class DeployRehearsal : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // Resources that are there without any provider: a service whose task definition is its image. One image can't be applied.
    private const string Root = """
        variable "environment" { type = string }
        variable "region" { type = string }
        variable "image" { type = string }
        variable "certificate_arn" { default = null }
        variable "public_name" { default = null }
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
        output "tracking_uri" { value = "${var.certificate_arn == null ? "http" : "https"}://${coalesce(var.public_name, "127.0.0.1:9")}/api/mlflow" }
        """;

    // What runs is what the state says, unless ECS "went back by itself". The waiter may end some seconds before ECS says that the deployment is complete.
    private const string Aws = """
        #!/bin/sh
        echo "aws $1 $2 $3 $4 $5 $6" >>"$ROOT/calls"
        case $2 in
          wait) [ ! -e "$ROOT/never-steady" ] ;;
          describe-services)
            if [ -e "$ROOT/went-back" ]; then rm "$ROOT/went-back"; echo "task-of-another COMPLETED"; exit 0; fi
            if [ -e "$ROOT/almost" ]; then rm "$ROOT/almost"; state=IN_PROGRESS; else state=COMPLETED; fi
            echo "$(grep -A1 "\"name\": \"$8\"" "$ROOT/state" | sed -n 's/.*"task_definition": "\(.*\)".*/\1/p' | head -n 1) $state" ;;
        esac
        """;

    private const string Program = """
        #!/bin/sh
        if [ -n "$REAL" ] && [ "$1" = routes ]; then exec "$REAL" "$@"; fi
        case "$*" in
          'routes --help') echo "  diff <OLD> <NEW>  what changes"; exit 0 ;;
          --help) echo "  verify  registers a model"; if [ -e "$ROOT/has-doctor" ]; then echo "  doctor  looks"; fi; exit 0 ;;
        esac
        echo "hokusai $1 $2 $3" >>"$ROOT/calls"
        case $1 in
          routes) echo "GET /api/mlflow: mlflow -> api"; exit 1 ;;
          verify) if [ -e "$ROOT/unwell" ]; then rm "$ROOT/unwell"; exit 1; fi ;;
        esac
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _environment;
    private readonly StubServer? _stub;

    private DeployRehearsal(string environment, StubServer? stub = null) => (_environment, _stub) = (environment, stub);

    /// <summary>What AWS and the program were asked, in order.</summary>
    public IReadOnlyList<string> Calls => File.Exists(_folder.PathOf("calls")) ? File.ReadAllLines(_folder.PathOf("calls")) : [];

    /// <summary>Whether there is a state.</summary>
    public bool HasState => File.Exists(_folder.PathOf("state"));

    /// <summary>What the state says that was deployed, as text.</summary>
    public string State => File.ReadAllText(_folder.PathOf("state"));

    /// <summary>A root of two resources: fast, for what the script does when something fails.</summary>
    public static async Task<DeployRehearsal> PrepareAsync()
    {
        var rehearsal = new DeployRehearsal("stage");
        rehearsal.Write("infrastructure/terraform/main.tf", Root);
        rehearsal.Write("infrastructure/terraform/routes.json", "{}");
        rehearsal.Write("infrastructure/terraform/environments/stage.tfvars", "environment = \"stage\"\nregion = \"eu-central-1\"\n");
        rehearsal.Copy("infrastructure/terraform/deployed.tf");
        return await rehearsal.CompleteAsync();
    }

    /// <summary>The root of this repository, with the stub of the AWS provider and the program's own comparison of routings.</summary>
    public static async Task<DeployRehearsal> PrepareAsync(StubServer stub, string environment)
    {
        var rehearsal = new DeployRehearsal(environment, stub);
        var terraform = Path.Combine(BuiltImage.Repository, "infrastructure", "terraform");
        foreach (var file in Directory.EnumerateFiles(terraform, "*", SearchOption.AllDirectories).Where(file => !file.Contains(".terraform/", StringComparison.Ordinal) && !file.Contains(".tfstate", StringComparison.Ordinal)))
            rehearsal.Copy(Path.GetRelativePath(BuiltImage.Repository, file));
        return await rehearsal.CompleteAsync();
    }

    /// <summary>Makes the next question go another way: a name that one of the scripts knows.</summary>
    public void Tell(string name) => File.WriteAllText(_folder.PathOf(name), "");

    /// <summary>The path of a file of the checkout.</summary>
    public string PathOf(string file) => _folder.PathOf("checkout", file);

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

    /// <summary>Changes a text in a file of the checkout.</summary>
    public void Edit(string file, string find, string replacement)
    {
        var text = File.ReadAllText(_folder.PathOf("checkout", file));
        Assert.Contains(find, text, StringComparison.Ordinal);
        Write(file, text.Replace(find, replacement, StringComparison.Ordinal));
    }

    /// <summary>Deploys to the environment.</summary>
    public async Task<(int Code, string Output, string Errors)> DeployAsync(string image, params IEnumerable<string> flags) =>
        await RunAsync(_folder.PathOf("checkout", "infrastructure/deploy"), [_environment, "--image", image, "--local-state", _folder.PathOf("state"), .. flags]);

    public void Dispose() => _folder.Dispose();

    private async Task<DeployRehearsal> CompleteAsync()
    {
        Copy("infrastructure/deploy");
        Directory.CreateDirectory(_folder.PathOf("programs"));
        ProgramFile.Write(_folder.PathOf("programs", "aws"), Aws);
        ProgramFile.Write(_folder.PathOf("programs", "hokusai"), Program);
        // Without this Terraform would ask its public registry for what the stub does not stand in for.
        await File.WriteAllTextAsync(_folder.PathOf("terraform.rc"), $"provider_installation {{\n  filesystem_mirror {{\n    path = \"{_folder.Path}\"\n  }}\n}}\n", TestContext.Current.CancellationToken);
        await GitAsync("init", "--quiet");
        await CommitAsync();
        return this;
    }

    private void Copy(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf("checkout", file))!);
        File.Copy(Path.Combine(BuiltImage.Repository, file), _folder.PathOf("checkout", file));
    }

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
        // Settings and credentials of whoever runs the tests must not reach them.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TF_", StringComparison.Ordinal) || name.StartsWith("AWS_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["TF_CLI_CONFIG_FILE"] = _folder.PathOf("terraform.rc");
        if (_stub is not null) (start.Environment[StubServer.ReattachVariable], start.Environment["REAL"]) = (_stub.Reattach, HokusaiProcess.Executable);
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
}
