namespace Hokusai.AwsStub.Schema;

/// <summary>What a block of a resource, a data source or the provider takes.</summary>
/// <param name="Attributes">Attributes by name.</param>
/// <param name="Blocks">Nested blocks by name.</param>
internal sealed record BlockSchema(IReadOnlyDictionary<string, AttributeSchema> Attributes, IReadOnlyDictionary<string, NestedBlockSchema> Blocks)
{
    /// <summary>How many attributes and blocks there are, at all depths.</summary>
    public int Count => Attributes.Count + Blocks.Count + Blocks.Values.Sum(nested => nested.Block.Count);
}

/// <summary>One attribute.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Required">The configuration must give it.</param>
/// <param name="Optional">The configuration may give it.</param>
/// <param name="Computed">The provider gives it, unless the configuration does.</param>
internal sealed record AttributeSchema(AttributeType Type, bool Required, bool Optional, bool Computed)
{
    /// <summary>Whether it is given to AWS and stored nowhere, not in Terraform's state either.</summary>
    public bool WriteOnly { get; init; }
}

/// <summary>A block within a block.</summary>
/// <param name="Nesting">How often it stands there.</param>
/// <param name="Min">How often at least.</param>
/// <param name="Max">How often at most; 0 for any number.</param>
/// <param name="Block">What it takes.</param>
internal sealed record NestedBlockSchema(Nesting Nesting, int Min, int Max, BlockSchema Block);

/// <summary>How the blocks of one name are kept. The numbers are those of Terraform's protocol.</summary>
internal enum Nesting
{
    /// <summary>A single one, or none.</summary>
    Single = 1,

    /// <summary>In order.</summary>
    List = 2,

    /// <summary>Without order.</summary>
    Set = 3,
}
