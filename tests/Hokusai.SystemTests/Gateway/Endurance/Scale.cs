using System.Globalization;
using System.Runtime.CompilerServices;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>
/// How large the endurance tests are: short within <c>./test</c>, in full by <c>bench/gateway/endure</c>. In full they measure, with the
/// machine to themselves; the short ones assert on what happened, never on how fast.
/// </summary>
internal static class Scale
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("HOKUSAI_TEST_SCALE") == "full";

    public static TimeSpan Outage { get; } = TimeSpan.FromSeconds(IsFull ? 60 : 7);

    public static int OutagePerSecond { get; } = IsFull ? 200 : 100;

    public static int Transfers { get; } = 20;

    public static long TransferLength { get; } = IsFull ? 2L << 30 : 16 << 20;

    public static int IdleClients { get; } = IsFull ? 10_000 : 1_000;

    /// <summary>Slow readers of artifacts, and as many slow writers.</summary>
    public static int SlowClients { get; } = IsFull ? 200 : 20;

    public static int CrowdRounds { get; } = IsFull ? 7 : 1;

    public static TimeSpan CrowdTurn { get; } = TimeSpan.FromSeconds(IsFull ? 4 : 1);

    /// <summary>How long the leak test loads the gateway; <c>HOKUSAI_TEST_LEAK_MINUTES</c> shortens the full form for a rehearsal.</summary>
    public static TimeSpan Leak { get; } = IsFull ? TimeSpan.FromMinutes(LeakMinutes) : TimeSpan.FromSeconds(18);

    /// <summary>Creates of each kind.</summary>
    public static int Creates { get; } = IsFull ? 10_000 : 400;

    /// <summary>Keys that are revoked while three gateways use them.</summary>
    public static int Revocations { get; } = IsFull ? 200 : 20;

    public static TimeSpan AuthOutage { get; } = TimeSpan.FromSeconds(IsFull ? 60 : 5);

    private static double LeakMinutes =>
        Environment.GetEnvironmentVariable("HOKUSAI_TEST_LEAK_MINUTES") is { Length: > 0 } minutes ? double.Parse(minutes, CultureInfo.InvariantCulture) : 30;

    /// <summary>Tells a result: to the test's output, and to the file that <c>bench/gateway/endure</c> shows.</summary>
    public static void Report(FormattableString result)
    {
        var line = FormattableString.Invariant(result);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("HOKUSAI_TEST_RESULTS") is { Length: > 0 } file) File.AppendAllText(file, line + "\n");
    }
}

/// <summary>A test of endurance: its deadline depends on the <see cref="Scale"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnduranceFactAttribute : FactAttribute
{
    public EnduranceFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Timeout = Scale.IsFull ? 40 * 60_000 : 2 * 60_000;
}
