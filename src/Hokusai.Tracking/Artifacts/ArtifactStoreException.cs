namespace Hokusai.Tracking.Artifacts;

/// <summary>The place where artifacts are kept failed.</summary>
/// <param name="message">What failed, where, and what would help; clients see it.</param>
/// <param name="transient">Whether it may be over soon: 503, which clients try again; otherwise 501, which they don't.</param>
/// <param name="inner">The cause.</param>
internal sealed class ArtifactStoreException(string message, bool transient, Exception? inner = null) : IOException(message, inner)
{
    public bool IsTransient => transient;
}
