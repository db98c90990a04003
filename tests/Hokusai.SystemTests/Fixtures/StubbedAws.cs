using Hokusai.AwsStub;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Infrastructure;

[assembly: AssemblyFixture(typeof(StubbedAws))]

namespace Hokusai.SystemTests.Fixtures;

/// <summary>The stub of the AWS provider for the tests of this assembly, in this process, started when the first test asks for it.</summary>
public sealed class StubbedAws : IAsyncDisposable
{
    private readonly Lazy<Task<StubServer>> _started = new(() => StubServer.StartAsync(StubData.Find()));
    private readonly Dictionary<string, Lazy<Task<TerraformRun>>> _applied;

    /// <summary>Starts nothing yet.</summary>
    public StubbedAws() => _applied = RootModule.Environments.ToDictionary(static name => name, name => new Lazy<Task<TerraformRun>>(async () =>
    {
        var run = await RootModule.CopyAsync(this);
        await run.InitAsync();
        (await run.RunAsync(["apply", "-json", "-auto-approve", .. RootModule.Variables(name)])).AssertCode(0);
        return run;
    }), StringComparer.Ordinal);

    /// <summary>The stub, running.</summary>
    /// <remarks>What it needs may be missing on a user's machine: the test is skipped then, and says what. In CI it fails.</remarks>
    internal Task<StubServer> ServerAsync()
    {
        if (Missing() is { } missing)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(missing);
            Assert.Skip(missing);
        }
        return _started.Value;
    }

    /// <summary>A copy of the root module that is applied to an environment, from which others can go on.</summary>
    internal Task<TerraformRun> AppliedAsync(string environment) => _applied[environment].Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var applied in _applied.Values.Where(static applied => applied.IsValueCreated)) (await applied.Value).Dispose();
        if (_started.IsValueCreated) await (await _started.Value).DisposeAsync();
    }

    private static string? Missing()
    {
        if (TerraformRun.Program is null) return "terraform is not on PATH (version 1.11 or later is needed)";
        try
        {
            StubData.Find();
            return null;
        }
        catch (DirectoryNotFoundException e)
        {
            return e.Message;
        }
    }
}
