using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Hokusai.Keys.Peppers;

/// <summary>Where a pepper is read from: <c>ID=file:PATH</c>, <c>ID=env:VARIABLE</c> or <c>ID=secret:NAME</c> in AWS Secrets Manager.</summary>
internal sealed partial record PepperSource(string Id, PepperKind Kind, string Name)
{
    /// <summary>Id of the only pepper, as long as there is but one; keys from before there were ids have it too.</summary>
    public const string OnlyId = "1";

    public static bool TryParse(string text, [NotNullWhen(true)] out PepperSource? source)
    {
        source = null;
        if (Form().Match(text.Trim()) is not { Success: true } found) return false;
        var kind = found.Groups["kind"].Value switch { "file" => PepperKind.File, "env" => PepperKind.Environment, _ => PepperKind.Secret };
        source = new PepperSource(found.Groups["id"].Value, kind, found.Groups["name"].Value);
        return true;
    }

    /// <summary>All sources, the newest pepper's first.</summary>
    /// <param name="options">Checked settings.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static IReadOnlyList<PepperSource> Of(KeysOptions options, Func<string, string?> variable)
    {
        if (options.Peppers.Count > 0) return [.. options.Peppers.Select(text => TryParse(text, out var source) ? source : throw new ArgumentException($"'{text}' names no pepper", nameof(options)))];
        return string.IsNullOrWhiteSpace(variable(KeysOptions.PepperVariable)) ? [new(OnlyId, PepperKind.File, options.PepperFile)] : [new(OnlyId, PepperKind.Environment, KeysOptions.PepperVariable)];
    }

    [GeneratedRegex("^(?<id>[0-9A-Za-z._-]{1,32})=(?<kind>file|env|secret):(?<name>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

/// <summary>The kinds of <see cref="PepperSource"/>.</summary>
internal enum PepperKind
{
    File,
    Environment,
    Secret,
}
