using Hokusai.Gateway.Resilience;

namespace Hokusai.Tests.Gateway.Resilience;

public sealed class CircuitBreakerOptionsTests
{
    [Fact]
    public void Faults_Defaults_None() => Assert.Empty(new CircuitBreakerOptions().Faults());

    [Fact]
    public void Faults_AllWrong_NamesEach()
    {
        var options = new CircuitBreakerOptions
        {
            FailureRatio = double.NaN,
            Window = TimeSpan.Zero,
            LeastCalls = 1,
            OpenFor = TimeSpan.FromMinutes(6),
            LongestOpen = TimeSpan.FromMinutes(1),
            ProbeDeadline = TimeSpan.Zero,
        };
        Assert.Equal(6, options.Faults().Count);
    }
}
