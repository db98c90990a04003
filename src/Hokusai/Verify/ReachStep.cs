namespace Hokusai.Verify;

/// <summary>Finds the tracking server below the URL and asks for its version.</summary>
internal sealed class ReachStep(Registration made, TrackingApi api, TrackingAddress address, VerifyHttp http)
{
    public async Task<StepResult> ReachAsync(CancellationToken cancellation)
    {
        await address.CompleteAsync(http, cancellation);
        made.ServerVersion = await api.VersionAsync(cancellation);
        return StepResult.Pass($"MLflow {made.ServerVersion}" + (address.Completed ? $"; the URL had no path, using {address.Url}" : ""));
    }
}
