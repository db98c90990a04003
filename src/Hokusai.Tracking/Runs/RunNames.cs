using System.Globalization;
using System.Security.Cryptography;

namespace Hokusai.Tracking.Runs;

/// <summary>Names for runs and models that were given none: two words and a number, easy to say on the phone.</summary>
internal static class RunNames
{
    private static readonly string[] Adjectives =
    [
        "amber", "bold", "brisk", "calm", "clear", "crisp", "deft", "eager", "fair", "fleet", "gentle", "grand", "keen", "lively", "lucid", "mellow",
        "neat", "noble", "plucky", "proud", "quick", "quiet", "rapid", "sharp", "silent", "smooth", "stout", "sunny", "swift", "vivid", "warm", "wise",
    ];

    private static readonly string[] Nouns =
    [
        "anchor", "badger", "beacon", "birch", "breeze", "brook", "cedar", "comet", "crane", "dune", "ember", "falcon", "fjord", "gull", "harbor", "heron",
        "island", "lagoon", "lark", "maple", "marsh", "otter", "pebble", "pine", "reef", "ridge", "robin", "shoal", "sparrow", "tide", "wave", "willow",
    ];

    public static string Next() => string.Create(
        CultureInfo.InvariantCulture, $"{Adjectives[RandomNumberGenerator.GetInt32(Adjectives.Length)]}-{Nouns[RandomNumberGenerator.GetInt32(Nouns.Length)]}-{RandomNumberGenerator.GetInt32(1000)}");
}
