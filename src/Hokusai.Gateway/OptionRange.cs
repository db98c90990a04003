using System.Globalization;

namespace Hokusai.Gateway;

/// <summary>The one wording of a setting that is out of its range. Names are those of the settings, as docs/configuration.md has them.</summary>
internal static class OptionRange
{
    public static void Check(List<string> faults, string setting, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most) Add(faults, setting, Text(value), Text(least), Text(most));
    }

    public static void Check(List<string> faults, string setting, long value, long least, long most)
    {
        if (value < least || value > most) Add(faults, setting, Text(value), Text(least), Text(most));
    }

    public static void Check(List<string> faults, string setting, double value, double least, double most)
    {
        // The other way round it would let NaN through.
        if (!(value >= least && value <= most)) Add(faults, setting, Text(value), Text(least), Text(most));
    }

    /// <summary>Two settings of which the first must be below the second.</summary>
    public static void CheckShorter(List<string> faults, string first, TimeSpan shorter, string second, TimeSpan longer)
    {
        if (shorter >= longer) faults.Add($"gateway {first} {Text(shorter)} and {second} {Text(longer)}: the first must be the shorter one");
    }

    /// <summary>Two settings of which the first may be as long as the second.</summary>
    public static void CheckNotLonger(List<string> faults, string first, TimeSpan shorter, string second, TimeSpan longer)
    {
        if (shorter > longer) faults.Add($"gateway {first} {Text(shorter)} and {second} {Text(longer)}: the first must not be the longer one");
    }

    /// <summary>A time as a setting is written, without the zeros of a fraction.</summary>
    public static string Text(TimeSpan value)
    {
        var text = value.ToString("c", CultureInfo.InvariantCulture);
        return value.Ticks % TimeSpan.TicksPerSecond == 0 ? text : text.TrimEnd('0');
    }

    private static string Text<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static void Add(List<string> faults, string setting, string value, string least, string most) => faults.Add($"gateway {setting} {value}: must be {least} to {most}");
}
