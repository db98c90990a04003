using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hokusai.AwsStub.Schema;
using Hokusai.AwsStub.Values;

namespace Hokusai.AwsStub.Rules;

/// <summary>Applies the rule book to a resource, as far as its values are known.</summary>
internal sealed class ResourceRules(RuleBook book, ShapeCheck shapes)
{
    private static readonly TimeSpan PatternDeadline = TimeSpan.FromSeconds(1);

    /// <summary>All that AWS or its provider would refuse.</summary>
    public IEnumerable<Finding> Check(string type, BlockSchema schema, Dictionary<string, object?> value)
    {
        foreach (var place in Place.Walk(schema, value))
        {
            var name = place.Name.Length == 0 ? type : $"{type}.{place.Name}";
            if (place is { Attribute: null, Value: Dictionary<string, object?> block })
            {
                foreach (var detail in Choices(name, block)) yield return new Finding($"Invalid combination of arguments in {name}", detail, place.Path);
            }
            // Empty text is how modules leave optional arguments out.
            else if (place.Value is not (null or Unknown or "" or Dictionary<string, object?> or List<object?>))
            {
                foreach (var detail in Plain(name, place.Value)) yield return new Finding($"Invalid value for {name}", detail, place.Path);
            }
        }
        foreach (var finding in CrossChecks.Of(type, value)) yield return finding;
    }

    private IEnumerable<string> Choices(string name, Dictionary<string, object?> block)
    {
        foreach (var group in book.AtMostOne.GetValueOrDefault(name, []))
        {
            string[] given = [.. group.Where(argument => IsSet(block, argument))];
            if (given.Length > 1) yield return $"{string.Join(" and ", given)} exclude each other";
        }
        foreach (var group in book.ExactlyOne.GetValueOrDefault(name, []))
        {
            // What is not known yet may be either.
            if (group.Any(argument => block.GetValueOrDefault(argument) is Unknown)) continue;
            string[] given = [.. group.Where(argument => IsSet(block, argument))];
            if (given.Length != 1) yield return $"exactly one of {string.Join(", ", group)} is needed, given: {(given.Length == 0 ? "none" : string.Join(" and ", given))}";
        }
    }

    private static bool IsSet(Dictionary<string, object?> block, string argument) => block.GetValueOrDefault(argument) is not (null or "" or false or Unknown or List<object?> { Count: 0 });

    private IEnumerable<string> Plain(string name, object value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        if (book.Shapes.TryGetValue(name, out var shape) && shapes.Plain(shape, value) is { } misfit) yield return misfit;
        if (book.Ranges.TryGetValue(name, out var range) && !(double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= range[0] && number <= range[1]))
            yield return $"{text} is outside {range[0]}-{range[1]}";
        if (book.OneOf.TryGetValue(name, out var members) && !members.Any(member => member.ToString() == text)) yield return $"\"{text}\" is not one of {string.Join(", ", members)}";
        if (book.Patterns.TryGetValue(name, out var pattern) && !Regex.IsMatch(text, $"^(?:{pattern[0]})$", RegexOptions.CultureInvariant, PatternDeadline))
            yield return $"\"{text}\" is not {pattern[1]}";
        if (book.Cidrs.Contains(name) && !IsNetwork(text)) yield return $"\"{text}\" is no network such as 192.0.2.0/24, whose bits behind the length are zero";
        if (book.References.TryGetValue(name, out var kind) && !Refers(text, kind)) yield return $"\"{text}\" is not a {kind}";
        foreach (var found in Document(name, text)) yield return found;
    }

    private List<string> Document(string name, string text)
    {
        var isPolicy = book.Policies.Contains(name);
        var hasShape = book.JsonShapes.TryGetValue(name, out var shape);
        if (!isPolicy && !hasShape && !book.Documents.Contains(name)) return [];
        try
        {
            using var document = JsonDocument.Parse(text);
            if (isPolicy) return [.. PolicyDocuments.Check(document.RootElement)];
            return hasShape ? [.. shapes.Document(shape!, document.RootElement), .. ContainerChecks.Of(document.RootElement)] : [];
        }
        catch (JsonException e)
        {
            return [$"it is not JSON: {e.Message}"];
        }
    }

    // The framework takes host bits; AWS does not.
    private static bool IsNetwork(string text) => IPNetwork.TryParse(text, out var network) && network.BaseAddress.Equals(IPAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)]));

    // The kind arn:SERVICE:RESOURCE stands for arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE…
    private static bool Refers(string text, string kind)
    {
        if (!kind.StartsWith("arn:", StringComparison.Ordinal)) return text.StartsWith(kind, StringComparison.Ordinal);
        var wanted = kind.Split(':', 3);
        var parts = text.Split(':', 6);
        return parts.Length == 6 && parts[0] == "arn" && parts[2] == wanted[1] && parts[5].StartsWith(wanted[2], StringComparison.Ordinal);
    }
}
