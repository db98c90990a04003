using Hokusai.Contracts.Routing;
using Hokusai.Edge.Balancing;
using Hokusai.Edge.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Edge;

/// <summary>Target groups on a clock that stands still.</summary>
internal sealed class Groups
{
    public static readonly HealthCheck Check = new("/health", Matcher("200"), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), 3, 2);

    public FakeTimeProvider Time { get; } = new();

    public static StatusMatcher Matcher(string text) => StatusMatcher.TryParse(text, out var matcher) ? matcher : throw new ArgumentException(text, nameof(text));

    public static TargetAddress Address(string name) => TargetAddress.Parse($"http://{name}:80");

    /// <summary>A group with targets a, b, c and so on.</summary>
    public TargetSet Of(int targets, TargetGroup? group = null, Random? random = null, bool used = true) =>
        new(group ?? new TargetGroup { Name = "api", Port = 80, HealthCheck = Check }, Enumerable.Range(0, targets).Select(i => Address($"{(char)('a' + i)}")), used, Time, random ?? new Drawn(0), NullLogger.Instance);

    /// <summary>Has the targets report one good check each.</summary>
    public static TargetSet AllWell(TargetSet set)
    {
        foreach (var target in set.Registered) set.Report(target, CheckOutcome.Good);
        return set;
    }

    /// <summary>The targets of the next requests, which end at once.</summary>
    public static string Next(TargetSet set, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => set.Choose()?.Address.Authority[0] ?? '-'));
}

/// <summary>Numbers that were drawn beforehand, again and again from the first.</summary>
internal sealed class Drawn(params double[] numbers) : Random
{
    private int _next;

    public override double NextDouble() => numbers[_next++ % numbers.Length];

    public override int Next(int maxValue) => (int)(NextDouble() * maxValue);
}
