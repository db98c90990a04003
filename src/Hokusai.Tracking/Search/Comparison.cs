namespace Hokusai.Tracking.Search;

internal enum Comparator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    ILike,
    In,
    NotIn,
}

internal enum ValueKind
{
    /// <summary>A text in single or double quotes.</summary>
    Quoted,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A list of quoted texts in parentheses.</summary>
    List,

    /// <summary>A word without quotes, or in backticks: never right, but each caller says so in its own words.</summary>
    Bare,
}

/// <summary>The right side of a comparison.</summary>
internal sealed record FilterValue(ValueKind Kind, string Text, double Number = 0, IReadOnlyList<string>? Texts = null);

/// <summary>One comparison of a filter. <paramref name="Entity"/> is null if the identifier had no dot.</summary>
internal sealed record Comparison(string? Entity, string Key, Comparator Comparator, FilterValue Value)
{
    public bool IsNumeric => Comparator is not (Comparator.Like or Comparator.ILike or Comparator.In or Comparator.NotIn);

    public bool IsText => Comparator is Comparator.Equal or Comparator.NotEqual or Comparator.Like or Comparator.ILike;

    public bool IsList => Comparator is Comparator.In or Comparator.NotIn;
}
