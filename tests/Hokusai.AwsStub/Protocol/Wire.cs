using Google.Protobuf;
using Hokusai.AwsStub.Rules;
using Hokusai.AwsStub.Schema;
using Hokusai.AwsStub.Values;

namespace Hokusai.AwsStub.Protocol;

/// <summary>Between the messages of Terraform's protocol and what the rest of this program works with.</summary>
internal static class Wire
{
    /// <summary>The block that a message holds; null for none.</summary>
    public static Dictionary<string, object?>? Block(Value? value) => value is null ? null : MessagePackReader.Read(value.Msgpack.Span) as Dictionary<string, object?>;

    public static Value Of(object? value) => new() { Msgpack = UnsafeByteOperations.UnsafeWrap(MessagePackWriter.Write(value)) };

    public static Diagnostic Of(Finding finding)
    {
        var path = new AttributePath();
        foreach (var step in finding.Path) path.Steps.Add(step is long position ? new Step { ElementKeyInt = position } : new Step { AttributeName = (string)step });
        return new Diagnostic { Severity = Severity.Error, Summary = finding.Summary, Detail = finding.Detail, Attribute = path };
    }

    public static Schema Of(BlockSchema block) => new() { Block = BlockOf(block) };

    private static Block BlockOf(BlockSchema schema)
    {
        var block = new Block();
        foreach (var (name, attribute) in schema.Attributes)
        {
            block.Attributes.Add(new Attribute
            {
                Name = name,
                Type = ByteString.CopyFromUtf8(attribute.Type.ToJson()),
                Required = attribute.Required,
                Optional = attribute.Optional,
                Computed = attribute.Computed,
                WriteOnly = attribute.WriteOnly,
            });
        }
        foreach (var (name, nested) in schema.Blocks) block.BlockTypes.Add(new NestedBlock { TypeName = name, Block = BlockOf(nested.Block), Nesting = (int)nested.Nesting, MinItems = nested.Min, MaxItems = nested.Max });
        return block;
    }
}
