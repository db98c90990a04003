namespace Hokusai.Verify;

/// <summary>What a step function answers when it did not fail. Failing is an exception, so that it can happen at any depth.</summary>
internal readonly record struct StepResult(StepOutcome Outcome, string? Detail)
{
    public static StepResult Pass(string? detail = null) => new(StepOutcome.Passed, detail);

    public static StepResult Skip(string reason) => new(StepOutcome.Skipped, reason);

    public static StepResult NotRun(string? reason = null) => new(StepOutcome.NotRun, reason);
}

/// <summary>A step before it is run.</summary>
/// <param name="Name">What holds when the step has passed.</param>
/// <param name="RunAsync">Does it.</param>
internal sealed record PlannedStep(string Name, Func<CancellationToken, Task<StepResult>> RunAsync);

/// <summary>The server answered, but not what it should have.</summary>
internal sealed class StepFailedException(string message) : Exception(message);
