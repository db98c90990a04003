using Hokusai.Verify;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Verify;

/// <summary>One verification of the fake server, with a clock that stands still.</summary>
internal sealed class Journey : IDisposable
{
    // Made at run time: nothing that looks like a key stands in a file.
    public static readonly string Key = "hk_test_" + new string('k', 32);

    public FakeMlflow Server { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public Action<VerifyStep> OnStep { get; set; } = _ => { };

    public void Dispose() => Server.Dispose();

    /// <summary>Lets one call be answered otherwise.</summary>
    public void Break(string broken, Func<HttpResponseMessage> answer) =>
        Server.Before = (call, _, _) => Task.FromResult(call == broken ? answer() : null);

    public Task<VerifyReport> RunAsync(string url = FakeMlflow.Url, CancellationToken? cancellation = null) => RunAsync(Key, url, cancellation);

    public Task<VerifyReport> RunWithoutKeyAsync() => RunAsync(null, FakeMlflow.Url, null);

    /// <summary>The one step that failed.</summary>
    public static VerifyStep Failed(VerifyReport report) => Assert.Single(report.Steps, step => step.Outcome == StepOutcome.Failed);

    /// <summary>What to print when a report should have passed.</summary>
    public static string Failures(VerifyReport report) =>
        string.Join('\n', report.Steps.Where(step => step.Outcome == StepOutcome.Failed).Select(VerifyOutput.Plain));

    private Task<VerifyReport> RunAsync(string? key, string url, CancellationToken? cancellation) =>
        new Verification(new VerifyTarget(url, key), Time, () => Server, FakeMlflow.Suffix).RunAsync(OnStep, cancellation ?? TestContext.Current.CancellationToken);
}
