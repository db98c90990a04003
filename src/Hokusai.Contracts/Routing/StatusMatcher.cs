using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hokusai.Contracts.Routing;

/// <summary>The status codes that a health check takes as well: <c>200</c>, <c>200,204</c> or <c>200-299</c>.</summary>
public sealed class StatusMatcher
{
    private const int Lowest = 200, Highest = 499;

    private readonly (int From, int To)[] _ranges;

    private StatusMatcher((int, int)[] ranges, string text) => (_ranges, Text) = (ranges, text);

    /// <summary>The matcher as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a matcher.</summary>
    /// <param name="text">Codes and ranges from 200 to 499, with commas between them.</param>
    /// <param name="matcher">The matcher.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out StatusMatcher? matcher)
    {
        matcher = null;
        var ranges = new List<(int, int)>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !Read(ends[0], out var from) || !Read(ends[^1], out var to) || from > to) return false;
            ranges.Add((from, to));
        }
        matcher = new StatusMatcher([.. ranges], text);
        return true;
    }

    /// <summary>Whether a status counts as well.</summary>
    /// <param name="status">The status code.</param>
    public bool Matches(int status) => Array.Exists(_ranges, r => status >= r.From && status <= r.To);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool Read(string text, out int status) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= Lowest and <= Highest;
}
