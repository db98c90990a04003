namespace Hokusai.AwsStub.Schema;

/// <summary>The type of an attribute.</summary>
/// <param name="Kind"><c>string</c>, <c>number</c>, <c>bool</c>, <c>list</c>, <c>set</c>, <c>map</c> or <c>object</c>.</param>
/// <param name="Element">What a list, set or map holds.</param>
/// <param name="Members">What an object holds.</param>
internal sealed record AttributeType(string Kind, AttributeType? Element = null, IReadOnlyDictionary<string, AttributeType>? Members = null)
{
    public static AttributeType Text { get; } = new("string");

    public static AttributeType Number { get; } = new("number");

    public static AttributeType Flag { get; } = new("bool");

    public static AttributeType List(AttributeType element) => new("list", element);

    public static AttributeType Set(AttributeType element) => new("set", element);

    public static AttributeType Map(AttributeType element) => new("map", element);

    public static AttributeType Object(IReadOnlyDictionary<string, AttributeType> members) => new("object", null, members);

    /// <summary>As Terraform writes types in JSON, such as <c>["set","string"]</c>.</summary>
    public string ToJson() => (Element, Members) switch
    {
        (not null, _) => $"[\"{Kind}\",{Element.ToJson()}]",
        (_, not null) => $"[\"{Kind}\",{{{string.Join(',', Members.Select(member => $"\"{member.Key}\":{member.Value.ToJson()}"))}}}]",
        _ => $"\"{Kind}\"",
    };
}
