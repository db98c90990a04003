namespace Hokusai.Keys.Scan;

/// <summary>Keys that are known and not to be reported: fingerprints in a file, one a line, with a comment after <c>#</c>.</summary>
internal sealed class Baseline
{
    /// <summary>Where it is looked for when nobody says.</summary>
    public const string FileName = ".hokusai-scan-ignore";

    /// <summary>Ignores nothing.</summary>
    public static Baseline None { get; } = new();

    private const int FingerprintLength = 16;

    private readonly HashSet<string> _fingerprints = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a file; without one, the usual if it is there.</summary>
    /// <exception cref="CommandFailure">It can't be read, or a line is no fingerprint.</exception>
    public static Baseline Read(string? file)
    {
        var baseline = new Baseline();
        if (file is null && !File.Exists(FileName)) return baseline;
        try
        {
            var lines = File.ReadAllLines(file ?? FileName).Select(line => line.Split('#')[0].Trim()).ToList();
            for (var i = 0; i < lines.Count; i++)
            {
                if (lines[i].Length == 0) continue;
                if (lines[i].Length != FingerprintLength || !lines[i].All(char.IsAsciiHexDigit)) throw CommandFailure.Usage($"{file ?? FileName} line {i + 1}: is no fingerprint; write the {FingerprintLength} hexadecimal digits that the scan shows");
                baseline._fingerprints.Add(lines[i]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"baseline {file}: {e.Message}");
        }
        return baseline;
    }

    public bool Ignores(Finding found) => _fingerprints.Contains(found.Fingerprint);
}
