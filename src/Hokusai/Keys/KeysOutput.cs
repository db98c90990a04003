using System.Text.Json;
using Hokusai.Keys.Administration;
using Spectre.Console;

namespace Hokusai.Keys;

/// <summary>What <c>hokusai keys</c> prints: a table on a terminal, tab-separated lines in a pipe, JSON when asked.</summary>
internal static class KeysOutput
{
    private static readonly string[] Columns = ["KEY_ID", "DISPLAY", "NAME", "USER", "SCOPES", "STATUS", "CREATED", "EXPIRES"];

    public static async Task WriteCreatedAsync(TextWriter output, KeyDescription key, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(key, KeyJson.Default.KeyDescription));
            return;
        }
        await output.WriteLineAsync($"Key {key.KeyId} for {key.UserId} with {string.Join(", ", key.Scopes)}{(key.ExpiresAt is { } end ? $", until {end:yyyy-MM-dd}" : "")}.\nShown this once:\n\n  export MLFLOW_TRACKING_TOKEN={key.Key}");
    }

    public static async Task WriteRevokedAsync(TextWriter output, KeyDescription key, bool json) => await output.WriteLineAsync(json
        ? JsonSerializer.Serialize(key, KeyJson.Default.KeyDescription)
        : $"Key {key.KeyId} ({key.Display}, {key.Name}) is revoked.");

    public static async Task WriteListAsync(TextWriter output, KeyList list, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(list, KeyJson.Default.KeyList));
            return;
        }
        var rows = list.Keys.Select(k => new[] { k.KeyId, k.Display, k.Name, k.UserId, string.Join(',', k.Scopes), k.Status, Day(k.CreatedAt), k.ExpiresAt is { } end ? Day(end) : "-" }).ToList();
        await WriteTableAsync(output, Columns, rows);
    }

    /// <summary>Rows as a table on a terminal, as lines with tabs in a pipe.</summary>
    public static async Task WriteTableAsync(TextWriter output, string[] columns, IReadOnlyList<string[]> rows)
    {
        if (Console.IsOutputRedirected || !ReferenceEquals(output, Console.Out))
        {
            await output.WriteLineAsync(string.Join('\t', columns));
            foreach (var row in rows) await output.WriteLineAsync(string.Join('\t', row));
            return;
        }
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns) table.AddColumn(new TableColumn(column).NoWrap());
        foreach (var row in rows) table.AddRow(row.Select(Markup.Escape).ToArray());
        AnsiConsole.Write(table);
    }

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
