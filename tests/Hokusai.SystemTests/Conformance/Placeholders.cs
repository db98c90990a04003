using System.Text;
using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Conformance;

/// <summary>Texts that differ from run to run, by the names that a scenario gives them: <c>${name}</c>.</summary>
internal sealed partial class Placeholders
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>Binds a name, whatever it was bound to before.</summary>
    public void Bind(string name, string text) => _texts[name] = text;

    /// <summary>The text with the bound names replaced; the others are left as they stand.</summary>
    public string Fill(string template) => Placeholder().Replace(template, found => _texts.GetValueOrDefault(found.Groups["name"].Value, found.Value));

    /// <summary>Whether a text has the form of the template. If so, names that were free are bound to what stands in their place.</summary>
    public bool Match(string template, string text)
    {
        if (!template.Contains("${", StringComparison.Ordinal)) return template == text;
        var fresh = new HashSet<string>(StringComparer.Ordinal);
        var match = Regex.Match(text, Pattern(template, fresh), RegexOptions.CultureInvariant);
        if (!match.Success) return false;
        foreach (var name in fresh) Bind(name, match.Groups[name].Value);
        return true;
    }

    private string Pattern(string template, HashSet<string> fresh)
    {
        var pattern = new StringBuilder(@"\A");
        var end = 0;
        foreach (Match found in Placeholder().Matches(template))
        {
            var name = found.Groups["name"].Value;
            pattern.Append(Regex.Escape(template[end..found.Index]));
            if (_texts.TryGetValue(name, out var text)) pattern.Append(Regex.Escape(text));
            // A name that stands twice in one text must be the same both times.
            else pattern.Append(fresh.Add(name) ? $"(?<{name}>.+?)" : $@"\k<{name}>");
            end = found.Index + found.Length;
        }
        return pattern.Append(Regex.Escape(template[end..])).Append(@"\z").ToString();
    }

    [GeneratedRegex(@"\$\{(?<name>\w+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
