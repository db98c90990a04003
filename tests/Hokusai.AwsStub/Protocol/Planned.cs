using Hokusai.AwsStub.Schema;
using Hokusai.AwsStub.Values;

namespace Hokusai.AwsStub.Protocol;

/// <summary>The plan of a resource that does not exist yet.</summary>
internal static class Planned
{
    /// <summary>What only AWS knows becomes "known after apply", at all depths.</summary>
    public static Dictionary<string, object?> New(BlockSchema schema, Dictionary<string, object?> proposed)
    {
        var planned = new Dictionary<string, object?>(proposed, StringComparer.Ordinal);
        foreach (var (name, attribute) in schema.Attributes)
            if (attribute.Computed && planned.GetValueOrDefault(name) is null) planned[name] = Unknown.Value;
        foreach (var (name, nested) in schema.Blocks) planned[name] = Nested(nested, planned.GetValueOrDefault(name));
        return planned;
    }

    private static object? Nested(NestedBlockSchema nested, object? value) => value switch
    {
        List<object?> list => list.Select(element => Nested(nested, element)).ToList(),
        Dictionary<string, object?> block => New(nested.Block, block),
        _ => value,
    };
}
