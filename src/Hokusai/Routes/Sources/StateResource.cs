using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hokusai.Routes.Sources;

/// <summary>A resource or data source of an applied state, wherever in the tree of modules it stands.</summary>
/// <param name="Address">Its address, such as <c>module.alb.aws_lb_target_group.this["api"]</c>.</param>
/// <param name="Type">Its type, such as <c>aws_lb_target_group</c>.</param>
/// <param name="Values">Its attributes; blocks are lists of objects.</param>
internal sealed partial record StateResource(string Address, string Type, JsonElement Values)
{
    /// <summary>The nearest <c>for_each</c> key in the address; null if there is none.</summary>
    public string? Key => Keys().Matches(Address) is { Count: > 0 } keys ? keys[^1].Groups["key"].Value : null;

    /// <summary>The resources of a state in the order in which they stand there.</summary>
    public static IEnumerable<StateResource> In(JsonElement module)
    {
        foreach (var resource in StateValue.List(module, "resources"))
        {
            if (StateValue.Text(resource, "address") is { } address && StateValue.Text(resource, "type") is { } type && resource.TryGetProperty("values", out var values))
                yield return new StateResource(address, type, values);
        }
        foreach (var child in StateValue.List(module, "child_modules"))
        {
            foreach (var resource in In(child)) yield return resource;
        }
    }

    /// <summary>An attribute that must be there once a resource was applied.</summary>
    /// <exception cref="InvalidDataException">It is not there.</exception>
    public string Required(string name) =>
        StateValue.Text(Values, name) is { Length: > 0 } text ? text : throw new InvalidDataException($"{Address} has no {name}: the state is not one that was applied to the end; apply, then write it anew");

    [GeneratedRegex("""\["(?<key>[^"\]]+)"\]""", RegexOptions.CultureInvariant)]
    private static partial Regex Keys();
}
