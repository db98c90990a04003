namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>Tests that measure rates and times under load run alone: others would slow them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class UnderLoad
{
    public const string Name = "load";
}
