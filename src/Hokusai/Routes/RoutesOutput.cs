using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Hokusai.Routes;

/// <summary>How every verb prints: JSON when asked, aligned and coloured on a terminal, plain in a pipe.</summary>
internal static class RoutesOutput
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json(JsonNode node) => node.ToJsonString(Readable);

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode?)text)];

    public static JsonArray Array(IEnumerable<JsonNode> nodes) => [.. nodes];

    /// <summary>A terminal for colours; null where output is no terminal.</summary>
    public static IAnsiConsole? Terminal(TextWriter output)
    {
        if (Console.IsOutputRedirected || !ReferenceEquals(output, Console.Out)) return null;
        var colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors;
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { ColorSystem = colours });
        // The terminal breaks long lines itself, and then they can still be copied as one.
        terminal.Profile.Width = short.MaxValue;
        return terminal;
    }

    /// <summary>A line, in a colour where there is a terminal.</summary>
    public static async Task LineAsync(TextWriter output, string line, string? colour = null)
    {
        // Paths and headers come from people and files: what would steer a terminal is shown, not obeyed.
        line = string.Concat(line.Select(c => char.IsControl(c) ? '�' : c));
        if (colour is not null && Terminal(output) is { } terminal) terminal.MarkupLine($"[{colour}]{Markup.Escape(line)}[/]");
        else await output.WriteLineAsync(line);
    }

    /// <summary>Rows with columns of equal width.</summary>
    public static async Task TableAsync(TextWriter output, string[] columns, IReadOnlyList<string[]> rows)
    {
        string[][] all = [columns, .. rows];
        var widths = columns.Select((_, i) => all.Max(row => row[i].Length)).ToArray();
        foreach (var row in all) await LineAsync(output, string.Concat(row.Select((cell, i) => i == row.Length - 1 ? cell : cell.PadRight(widths[i] + 2))).TrimEnd(), ReferenceEquals(row, columns) ? "bold" : null);
    }
}
