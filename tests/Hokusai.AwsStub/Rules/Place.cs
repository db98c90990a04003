using Hokusai.AwsStub.Schema;
using Hokusai.AwsStub.Values;

namespace Hokusai.AwsStub.Rules;

/// <summary>A value and where it stands in a resource.</summary>
/// <param name="Name">Its name with those of the blocks around it, such as <c>health_check.interval</c>; empty for the resource itself.</param>
/// <param name="Path">The path that Terraform shows to its user, see <see cref="Finding.Path"/>.</param>
/// <param name="Value">The value: a map for a block, an element for a list or set of plain values.</param>
/// <param name="Attribute">The attribute; null for a block.</param>
internal sealed record Place(string Name, IReadOnlyList<object> Path, object? Value, AttributeSchema? Attribute)
{
    /// <summary>All blocks and attributes of a resource, the resource itself first.</summary>
    public static IEnumerable<Place> Walk(BlockSchema schema, Dictionary<string, object?> value) => Walk(schema, value, "", [], true);

    private static IEnumerable<Place> Walk(BlockSchema schema, Dictionary<string, object?> value, string name, IReadOnlyList<object> path, bool positioned)
    {
        yield return new Place(name, path, value, null);
        foreach (var (attribute, description) in schema.Attributes)
        {
            var inner = Join(name, attribute);
            IReadOnlyList<object> place = positioned ? [.. path, attribute] : path;
            var given = value.GetValueOrDefault(attribute);
            if (given is List<object?> elements && description.Type.Element?.Members is null) foreach (var element in elements) yield return new Place(inner, place, element, description);
            else yield return new Place(inner, place, given, description);
        }
        foreach (var (block, nested) in schema.Blocks)
        {
            var inner = Join(name, block);
            IReadOnlyList<object> place = positioned ? [.. path, block] : path;
            var given = value.GetValueOrDefault(block);
            var elements = given as List<object?> ?? [given];
            for (var position = 0; position < elements.Count; position++)
            {
                if (elements[position] is not Dictionary<string, object?> element) continue;
                var (step, known) = nested.Nesting switch { Nesting.List => (place.Append((long)position), positioned), Nesting.Set => (place, false), _ => (place, positioned) };
                foreach (var found in Walk(nested.Block, element, inner, known ? [.. step] : place, known)) yield return found;
            }
        }
    }

    /// <summary>Whether a value is given: neither null nor an empty list.</summary>
    public static bool IsGiven(object? value) => value is not (null or Unknown or List<object?> { Count: 0 });

    private static string Join(string outer, string inner) => outer.Length == 0 ? inner : $"{outer}.{inner}";
}
