namespace Hokusai.Tracking.Protocol;

/// <summary>Part of a list, and the token of the next part if there is one.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextToken)
{
    /// <summary>Cuts a page from rows that were read with one more than asked for: the extra row tells that there is a next page.</summary>
    public static Page<T> Cut(List<T> rows, long offset, int size)
    {
        if (rows.Count <= size) return new Page<T>(rows, null);
        rows.RemoveRange(size, rows.Count - size);
        return new Page<T>(rows, PageToken.At(offset + size));
    }
}
