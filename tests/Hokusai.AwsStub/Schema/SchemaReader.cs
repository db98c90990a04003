using System.Text.RegularExpressions;

namespace Hokusai.AwsStub.Schema;

/// <summary>Makes the schema of a resource or data source from its bindings.</summary>
internal sealed partial class SchemaReader
{
    private readonly BindingsFile _file;
    private readonly string _origin;

    private SchemaReader(BindingsFile file, string origin)
    {
        _file = file;
        _origin = origin;
    }

    /// <summary>The schema of the resource or data source that a file binds.</summary>
    /// <param name="file">The file.</param>
    /// <param name="origin">Where it comes from, for messages.</param>
    /// <exception cref="FormatException">Something in the file is not understood: the bindings are written in another way than they were.</exception>
    public static BlockSchema Resource(BindingsFile file, string origin) =>
        new SchemaReader(file, origin).Block(file.RootClass ?? throw new FormatException($"{origin}: no class in it writes configuration"), file.RootArguments());

    /// <summary>The schema of the provider block, which is written and never read, so that only its tables tell of it.</summary>
    /// <exception cref="FormatException">As <see cref="Resource"/>.</exception>
    public static BlockSchema Provider(BindingsFile file, string origin)
    {
        var reader = new SchemaReader(file, origin);
        var arguments = file.RootArguments();
        // Terraform's own argument, which no provider has.
        arguments.Remove("alias");
        return reader.Written(arguments);
    }

    private BlockSchema Block(string className, Dictionary<string, BoundArgument> arguments)
    {
        var properties = _file.Properties(className) ?? throw new FormatException($"{_origin}: it names class {className} and does not hold it");
        var attributes = new Dictionary<string, AttributeSchema>(StringComparer.Ordinal);
        var blocks = new Dictionary<string, NestedBlockSchema>(StringComparer.Ordinal);
        foreach (var property in properties)
        {
            if (Plain(property) is { } type)
            {
                // The bindings don't say which attributes are write-only; the provider's naming does.
                attributes[property.Name] = new AttributeSchema(type, property.Required, property.Optional, property.Computed) { WriteOnly = !property.Computed && property.Name.EndsWith("_wo", StringComparison.Ordinal) };
                continue;
            }
            var nested = NestedClass().Match(property.Code);
            if (!nested.Success || nested.Groups["attribute"].Value != property.Name) throw new FormatException($"{_origin}: {className}.{property.Name} is read in a way that is not understood: {property.Code.Trim()}");
            var nestedName = nested.Groups["class"].Value;
            var block = Block(nestedName + "OutputReference", _file.BlockArguments(nestedName));
            var ordered = nested.Groups["kind"].Value == "OutputReference" ? arguments.GetValueOrDefault(property.Name)?.Type != "set" : nested.Groups["set"].Value != "true";
            if (IsAttribute(property, block))
            {
                var element = AttributeType.Object(Members(block));
                attributes[property.Name] = new AttributeSchema(ordered ? AttributeType.List(element) : AttributeType.Set(element), false, property.Optional, true);
                continue;
            }
            var single = arguments.GetValueOrDefault(property.Name)?.Type == "struct" && nested.Groups["kind"].Value == "OutputReference";
            var nesting = single ? Nesting.Single : ordered ? Nesting.List : Nesting.Set;
            blocks[property.Name] = new NestedBlockSchema(nesting, property.Required && !single ? 1 : 0, nested.Groups["kind"].Value == "OutputReference" && !single ? 1 : 0, block);
        }
        return new BlockSchema(attributes, blocks);
    }

    // What only the provider gives is an attribute that holds objects. So is what may be given and is computed otherwise, at
    // all depths, such as the inline rules of a security group: real blocks are never computed.
    private static bool IsAttribute(BoundProperty property, BlockSchema block) => property.Computed && (!property.Optional || block.Attributes.Values.All(attribute => attribute.Computed));

    private static Dictionary<string, AttributeType> Members(BlockSchema block)
    {
        var members = block.Attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value.Type, StringComparer.Ordinal);
        foreach (var (name, nested) in block.Blocks) members[name] = nested.Nesting == Nesting.Set ? AttributeType.Set(AttributeType.Object(Members(nested.Block))) : AttributeType.List(AttributeType.Object(Members(nested.Block)));
        return members;
    }

    private static AttributeType? Plain(BoundProperty property)
    {
        var read = PlainRead().Match(property.Code);
        if (!read.Success || read.Groups["attribute"].Value != property.Name) return null;
        AttributeType? type = read.Groups["type"].Value switch
        {
            "String" => AttributeType.Text,
            "Number" => AttributeType.Number,
            "Boolean" => AttributeType.Flag,
            "List" => AttributeType.List(AttributeType.Text),
            "NumberList" => AttributeType.List(AttributeType.Number),
            "StringMap" => AttributeType.Map(AttributeType.Text),
            "NumberMap" => AttributeType.Map(AttributeType.Number),
            "BooleanMap" => AttributeType.Map(AttributeType.Flag),
            _ => null,
        };
        return read.Groups["set"].Success && type is { Kind: "list", Element: { } element } ? AttributeType.Set(element) : type;
    }

    private BlockSchema Written(Dictionary<string, BoundArgument> arguments) => new(
        arguments.Where(argument => !argument.Value.IsBlock).ToDictionary(argument => argument.Key, argument => new AttributeSchema(WrittenType(argument.Key, argument.Value), false, true, false), StringComparer.Ordinal),
        arguments.Where(argument => argument.Value.IsBlock).ToDictionary(
            argument => argument.Key,
            argument => new NestedBlockSchema(argument.Value.Type == "set" ? Nesting.Set : Nesting.List, 0, 0, Written(_file.BlockArguments(ListSuffix().Replace(argument.Value.Storage, "")))),
            StringComparer.Ordinal));

    private AttributeType WrittenType(string name, BoundArgument argument)
    {
        var element = argument.Storage switch
        {
            "string" or "stringList" or "stringMap" => AttributeType.Text,
            "number" or "numberList" => AttributeType.Number,
            "boolean" => AttributeType.Flag,
            _ => throw new FormatException($"{_origin}: {name} is written as {argument.Storage}, which is not understood"),
        };
        return argument.Type switch { "list" => AttributeType.List(element), "set" => AttributeType.Set(element), "map" => AttributeType.Map(element), _ => element };
    }

    [GeneratedRegex(@"(?<set>Fn\.tolist\()?this\.get(?<type>\w+)Attribute\('(?<attribute>\w+)'\)|new cdktn\.(?<type>\w+Map)\(this, ""(?<attribute>\w+)""\)", RegexOptions.CultureInvariant)]
    private static partial Regex PlainRead();

    [GeneratedRegex(@"= new (?!cdktn\.)(?:\w+\.)?(?<class>\w+?)(?<kind>OutputReference|List)\(this, ""(?<attribute>\w+)""(?:, (?<set>true|false))?\)", RegexOptions.CultureInvariant)]
    private static partial Regex NestedClass();

    [GeneratedRegex("List$", RegexOptions.CultureInvariant)]
    private static partial Regex ListSuffix();
}
