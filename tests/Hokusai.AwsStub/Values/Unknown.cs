namespace Hokusai.AwsStub.Values;

/// <summary>
/// Terraform's "known after apply". Other values are plain: null, <see cref="bool"/>, <see cref="string"/>, <see cref="long"/>,
/// <see cref="double"/>, a <see cref="List{T}"/> of values, or a <see cref="Dictionary{TKey,TValue}"/> of them by name.
/// </summary>
internal sealed class Unknown
{
    private Unknown()
    {
    }

    /// <summary>The one there is.</summary>
    public static Unknown Value { get; } = new();

    /// <summary>Whether a value is unknown, or holds one that is.</summary>
    public static bool In(object? value) => value switch
    {
        Unknown => true,
        List<object?> list => list.Exists(In),
        Dictionary<string, object?> map => map.Values.Any(In),
        _ => false,
    };
}
