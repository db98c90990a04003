using Hokusai.Up;

namespace Hokusai.Verify;

/// <summary>Verifies a stack that is started for it, on free ports and in a temporary folder, and ended afterwards.</summary>
internal static class OwnStack
{
    private const string StepName = "stack started";

    public static async Task<VerifyReport> VerifyAsync(TimeProvider time, Action<VerifyStep> onStep, CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        var folder = Directory.CreateTempSubdirectory("hokusai-verify-");
        try
        {
            var (stack, fault) = await StartAsync(folder.FullName, cancellation);
            var first = new VerifyStep(StepName, stack is null ? StepOutcome.Failed : StepOutcome.Passed, time.GetElapsedTime(begin), fault ?? Describe(stack!));
            onStep(first);
            if (stack is null) return new VerifyReport([first], first.Took, "a stack of its own");
            await using (stack)
            {
                // Through the edge, as a client goes: straight to the tracking server would prove little.
                var target = new VerifyTarget(stack.EdgeUrl.TrimEnd('/') + TrackingAddress.HokusaiPath, stack.FirstKey);
                var report = await new Verification(target, time).RunAsync(onStep, cancellation);
                return report with { Steps = [first, .. report.Steps], Took = time.GetElapsedTime(begin) };
            }
        }
        finally
        {
            Remove(folder);
        }
    }

    private static async Task<(Stack? Stack, string? Fault)> StartAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            return (await Stack.StartAsync(new StackOptions { DataFolder = folder, FreePorts = true }, cancellation), null);
        }
        catch (Exception failure)
        {
            // The seam: a stack that does not start is a failed step like any other, not a stack trace.
            return (null, cancellation.IsCancellationRequested ? "interrupted" : failure.Message);
        }
    }

    private static string Describe(Stack stack) => $"edge {stack.EdgeUrl}, gateway {stack.GatewayUrl}, keys {stack.KeysUrl}, tracking {stack.TrackingUrl}";

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            // A file that is still open on some systems: the folder lies where the system cleans up itself.
        }
    }
}
