using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>What a Go program writes when it gets SIGQUIT, made short: thousands of lines for a program that waits.</summary>
internal static partial class GoTrace
{
    private const int Frames = 12;

    /// <summary>A line for each place where goroutines stand, innermost call first.</summary>
    public static string Shorten(string trace) => string.Join('\n', Goroutine().Matches(trace)
        .Select(static found => $"{found.Groups["state"].Value}: {string.Join(" < ", Calls(found.Groups["calls"].Value).Take(Frames))}")
        .CountBy(static line => line).OrderBy(static line => line.Value).Select(static line => $"{line.Value} x {line.Key}"));

    private static IEnumerable<string> Calls(string calls) => calls.Split('\n').Where(static line => line.Length > 0 && !char.IsWhiteSpace(line[0]))
        .Select(static line => line[..(line.LastIndexOf('(') is var end and > 0 ? end : line.Length)])
        .Where(static call => !call.StartsWith("runtime.", StringComparison.Ordinal));

    [GeneratedRegex(@"^goroutine [0-9]+[^\[\n]*\[(?<state>[^\]\n]*)\]:\n(?<calls>(?:.+\n)*)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Goroutine();
}
