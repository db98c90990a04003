namespace Hokusai.Verify;

/// <summary>Where to register the model, and with which key. The key is never shown.</summary>
/// <param name="TrackingUrl">What a client would use as its tracking URI. Without a path it is completed, see <see cref="TrackingAddress"/>.</param>
/// <param name="Key">Sent as <c>Authorization: Bearer</c>; null for an open server.</param>
internal sealed record VerifyTarget(string TrackingUrl, string? Key)
{
    /// <summary>A record prints all that it holds; a key must not be among it.</summary>
    public override string ToString() => TrackingUrl;
}

/// <summary>How a step ended. A skipped step does not apply to this server; one that was not run could not be tried.</summary>
internal enum StepOutcome
{
    Passed,
    Failed,
    Skipped,
    NotRun,
}

/// <summary>One step of the registration as it ended.</summary>
/// <param name="Name">What holds when the step has passed.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Detail">Evidence, or what went wrong, or why it was skipped.</param>
internal sealed record VerifyStep(string Name, StepOutcome Outcome, TimeSpan Took, string? Detail);

/// <summary>The whole registration. Every output is made from this.</summary>
/// <param name="Steps">All steps in order, clean-up last.</param>
/// <param name="Took">From the first request to the last.</param>
/// <param name="TrackingUrl">The URL that was used, with its path.</param>
internal sealed record VerifyReport(IReadOnlyList<VerifyStep> Steps, TimeSpan Took, string TrackingUrl)
{
    /// <summary>Whether the server could be connected to at all.</summary>
    public bool Reached { get; init; } = true;

    /// <summary>Whether every step passed, apart from those that do not apply.</summary>
    public bool Passed => Steps.All(step => step.Outcome is StepOutcome.Passed or StepOutcome.Skipped);

    /// <summary>Exit code of the command.</summary>
    public int ExitCode => Passed ? 0 : Reached ? 1 : 3;

    /// <summary>How many steps ended so.</summary>
    public int Count(StepOutcome outcome) => Steps.Count(step => step.Outcome == outcome);
}
