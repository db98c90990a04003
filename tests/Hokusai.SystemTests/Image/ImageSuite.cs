namespace Hokusai.SystemTests.Image;

/// <summary>The tests of the container image share one build, and run when nothing else does: a compiler beside them would take the processors from tests that measure time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ImageSuite : ICollectionFixture<BuiltImage>
{
    public const string Name = "container image";

    /// <summary>Of one test, in milliseconds: two builds on a busy machine take minutes.</summary>
    public const int Deadline = 25 * 60_000;
}
