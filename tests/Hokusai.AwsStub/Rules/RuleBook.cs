using System.Reflection;
using System.Text.Json;

namespace Hokusai.AwsStub.Rules;

/// <summary>
/// <c>rules.json</c>: what AWS and its provider refuse beyond the schema. Keys are a resource type and the name of an
/// attribute in it, such as <c>aws_lb_target_group.health_check.interval</c>.
/// </summary>
internal sealed record RuleBook
{
    /// <summary>The shape in AWS's description of the service that a value must fit, such as <c>elbv2.ProtocolEnum</c>.</summary>
    public required IReadOnlyDictionary<string, string> Shapes { get; init; }

    /// <summary>Values and fields that AWS takes since the descriptions were written, by shape.</summary>
    public required IReadOnlyDictionary<string, string[]> Newer { get; init; }

    /// <summary>The shape that a JSON document must fit.</summary>
    public required IReadOnlyDictionary<string, string> JsonShapes { get; init; }

    /// <summary>Smallest and largest number.</summary>
    public required IReadOnlyDictionary<string, double[]> Ranges { get; init; }

    /// <summary>All values that are allowed.</summary>
    public required IReadOnlyDictionary<string, JsonElement[]> OneOf { get; init; }

    /// <summary>A regular expression for the whole value, and what it means in words.</summary>
    public required IReadOnlyDictionary<string, string[]> Patterns { get; init; }

    /// <summary>Networks, written as address/length.</summary>
    public required IReadOnlyList<string> Cidrs { get; init; }

    /// <summary>JSON documents of any form.</summary>
    public required IReadOnlyList<string> Documents { get; init; }

    /// <summary>Policy documents of IAM.</summary>
    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>What a reference to another resource begins with: <c>sg-</c>, or <c>arn:SERVICE:RESOURCE</c>.</summary>
    public required IReadOnlyDictionary<string, string> References { get; init; }

    /// <summary>Arguments that exclude each other, by resource or block.</summary>
    public required IReadOnlyDictionary<string, string[][]> AtMostOne { get; init; }

    /// <summary>Arguments of which one must be given, and not two, by resource or block.</summary>
    public required IReadOnlyDictionary<string, string[][]> ExactlyOne { get; init; }

    /// <summary>What no two resources of a type have in common.</summary>
    public required IReadOnlyDictionary<string, string[]> Unique { get; init; }

    /// <summary>Every attribute that the book has a rule for, with its type in front.</summary>
    public IEnumerable<string> Attributes => Shapes.Keys.Concat(JsonShapes.Keys).Concat(Ranges.Keys).Concat(OneOf.Keys).Concat(Patterns.Keys).Concat(Cidrs).Concat(Documents).Concat(Policies).Concat(References.Keys);

    /// <summary>Reads the book that is part of this program.</summary>
    public static RuleBook Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("rules.json")!;
        return JsonSerializer.Deserialize<RuleBook>(stream, JsonSerializerOptions.Web)!;
    }
}
