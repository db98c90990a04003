using System.Text;

namespace Hokusai.Routes.Review;

/// <summary>Values that others wrote, made safe for a page: what would format it, break a table or end a block is shown instead.</summary>
internal static class Markdown
{
    private const string Special = "\\`*_[]|<>#~";

    /// <summary>A text within a line or a table's cell.</summary>
    public static string Text(string value)
    {
        var text = new StringBuilder(value.Length + 8);
        foreach (var c in value)
        {
            if (char.IsControl(c)) text.Append(' ');
            else if (Special.Contains(c, StringComparison.Ordinal)) text.Append('\\').Append(c);
            else text.Append(c);
        }
        return text.ToString();
    }

    /// <summary>A block to be copied, as it is; its fence is longer than any within.</summary>
    public static string Block(string value)
    {
        var (longest, run) = (0, 0);
        foreach (var c in value) longest = Math.Max(longest, run = c == '`' ? run + 1 : 0);
        var fence = new string('`', Math.Max(3, longest + 1));
        return $"{fence}\n{string.Concat(value.Select(c => char.IsControl(c) && c != '\n' ? ' ' : c))}\n{fence}\n";
    }

    /// <summary>A table.</summary>
    public static string Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) =>
        $"| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => " --- |"))}\n{string.Concat(rows.Select(row => $"| {string.Join(" | ", row.Select(Text))} |\n"))}";
}
