using Hokusai.Contracts.Keys;

namespace Hokusai.Verify;

/// <summary>Runs planned steps in order, times them, and turns what they throw into outcomes.</summary>
internal sealed class StepRunner(TimeProvider time, string? key, Action<VerifyStep> onStep)
{
    private readonly List<VerifyStep> _steps = [];

    public IReadOnlyList<VerifyStep> Steps => _steps;

    /// <summary>Whether the very first step found no one to talk to.</summary>
    public bool Reached { get; private set; } = true;

    /// <summary>Runs all steps, or up to the first failure: those after it rest on it.</summary>
    /// <param name="plan">The steps.</param>
    /// <param name="stopOnFailure">Whether the steps after a failed one are left out.</param>
    /// <param name="whenCancelled">What to say of the step during which the token was cancelled.</param>
    /// <param name="cancellation">Ends the running step; the others then fail or are left out.</param>
    public async Task RunAsync(IReadOnlyList<PlannedStep> plan, bool stopOnFailure, string whenCancelled, CancellationToken cancellation)
    {
        var stopped = false;
        foreach (var planned in plan)
        {
            var started = time.GetTimestamp();
            var result = stopped ? StepResult.NotRun() : await TryAsync(planned, whenCancelled, cancellation);
            var took = stopped ? TimeSpan.Zero : time.GetElapsedTime(started);
            stopped |= stopOnFailure && result.Outcome == StepOutcome.Failed;
            Report(new VerifyStep(planned.Name, result.Outcome, took, Clean(result.Detail)));
        }
    }

    private async Task<StepResult> TryAsync(PlannedStep planned, string whenCancelled, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return await planned.RunAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new StepResult(StepOutcome.Failed, whenCancelled);
        }
        catch (Exception failure)
        {
            // The seam: whatever a server answers must end in a line of the report, and clean-up must still run.
            if (failure is CallFailedException { NoConnection: true } && _steps.Count == 0) Reached = false;
            var known = failure is CallFailedException or StepFailedException;
            return new StepResult(StepOutcome.Failed, known ? failure.Message : $"{failure.GetType().Name}: {failure.Message}");
        }
    }

    private void Report(VerifyStep step)
    {
        _steps.Add(step);
        try
        {
            onStep(step);
        }
        catch (IOException)
        {
            // The reader of a pipe may have gone away. Clean-up still has to run.
        }
    }

    // Details quote the server: no key may be among them, and no character that moves a terminal's cursor.
    private string? Clean(string? detail)
    {
        if (detail is null) return null;
        var text = KeyRedactor.Redact(key is null ? detail : detail.Replace(key, "[key]", StringComparison.Ordinal));
        return string.Create(text.Length, text, static (line, source) =>
        {
            for (var i = 0; i < line.Length; i++) line[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }
}
