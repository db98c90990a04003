using Hokusai.AwsStub.Rules;
using Hokusai.AwsStub.Schema;

namespace Hokusai.AwsStub.Protocol;

/// <summary>Values given for what only the provider gives. Terraform leaves that check to the provider.</summary>
internal static class Unconfigurable
{
    public static IEnumerable<Finding> In(BlockSchema schema, Dictionary<string, object?> value) => Place.Walk(schema, value)
        .Where(place => place is { Attribute: { Computed: true, Optional: false }, Value: not null })
        .Select(place => new Finding("Value for unconfigurable attribute", $"{place.Name} is decided by AWS and can't be set", place.Path));
}
