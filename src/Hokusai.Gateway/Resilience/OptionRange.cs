namespace Hokusai.Gateway.Resilience;

/// <summary>The one wording of a setting that is out of its range.</summary>
internal static class OptionRange
{
    public static void Check(List<string> faults, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most) faults.Add($"{key} {value}: must be {least} to {most}");
    }
}
