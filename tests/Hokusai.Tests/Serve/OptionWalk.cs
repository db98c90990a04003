using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Hokusai.Gateway;

namespace Hokusai.Tests.Serve;

/// <summary>One option of a role, however deep the record lies that holds it.</summary>
/// <param name="Path">Names of the properties from the role's options down to it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Text">Its value as a setting is written.</param>
internal sealed record OptionLeaf(string Path, Type Type, string Text);

/// <summary>Reads all options out of the records by reflection, so that a new one is in no list that somebody must remember.</summary>
internal static class OptionWalk
{
    public static IReadOnlyList<OptionLeaf> Of(object options) => [.. Walk(options, "")];

    private static IEnumerable<OptionLeaf> Walk(object options, string path) => options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite)
        .SelectMany(property => property.PropertyType is { IsClass: true } type && type.Name.EndsWith("Options", StringComparison.Ordinal)
            ? Walk(property.GetValue(options)!, $"{path}{property.Name}.")
            : [new OptionLeaf(path + property.Name, property.PropertyType, Text(property.GetValue(options)))]);

    /// <summary>A value as docs/configuration.md writes it.</summary>
    public static string Text(object? value) => value switch
    {
        null or "" => "none",
        string text => text,
        bool flag => flag ? "true" : "false",
        TimeSpan time => OptionRange.Text(time),
        Enum choice => JsonNamingPolicy.CamelCase.ConvertName(choice.ToString()),
        IEnumerable items => string.Join(", ", items.Cast<object>().Select(item => item.ToString())) is { Length: > 0 } list ? list : "none",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"no way to write a {value.GetType()}"),
    };
}
