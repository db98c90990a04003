using System.Globalization;
using System.Text.Json;
using Hokusai.Keys.Administration;
using Spectre.Console;

namespace Hokusai.Keys;

/// <summary>What <c>hokusai keys</c> prints: a table on a terminal, tab-separated lines in a pipe, JSON when asked.</summary>
internal static class KeysOutput
{
    // What each column holds; '-' stands for nothing.
    private static readonly (string Name, Func<KeyDescription, string> Cell)[] Columns =
    [
        ("KEY_ID", key => key.KeyId),
        ("DISPLAY", key => key.Display),
        ("NAME", key => key.Name),
        ("USER", key => key.UserId),
        ("SCOPES", key => string.Join(',', key.Scopes)),
        ("STATUS", key => key.Status),
        ("CREATED", key => Day(key.CreatedAt)),
        ("EXPIRES", key => Day(key.ExpiresAt)),
        ("ENVIRONMENT", key => key.Environment ?? "-"),
        ("LAST_USED", key => Minute(key.LastUse?.At)),
        ("FROM", key => key.LastUse?.ClientIp ?? "-"),
        ("CLIENT", key => key.LastUse?.Client ?? "-"),
        ("USES", key => Number(key.LastUse?.Count)),
        ("LIMITS", Limits),
        ("SUCCESSOR", key => key.SuccessorId is null ? "-" : $"{key.SuccessorId} {Minute(key.RetiredAt ?? key.OverlapEndsAt)}"),
        ("ENDED", key => Minute(key.RevokedAt ?? key.DisabledAt)),
        ("EMAIL", key => key.Email ?? "-"),
    ];

    // Columns that a terminal has no room for; 'show' has them all.
    private static readonly string[] Wide = ["CREATED", "CLIENT", "FROM", "USES", "LIMITS", "SUCCESSOR", "ENDED", "EMAIL"];

    public static async Task WriteCreatedAsync(TextWriter output, KeyDescription key, bool json)
    {
        if (json) await output.WriteLineAsync(JsonSerializer.Serialize(key, KeyJson.Default.KeyDescription));
        else await output.WriteLineAsync($"Key {key.KeyId} for {key.UserId} with {string.Join(", ", key.Scopes)}{(key.ExpiresAt is { } end ? $", until {end:yyyy-MM-dd}" : "")}.\nShown this once:\n\n  export MLFLOW_TRACKING_TOKEN={key.Key}");
    }

    public static async Task WriteRotatedAsync(TextWriter output, KeyRotation rotation, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(rotation, KeyJson.Default.KeyRotation));
            return;
        }
        var (successor, replaced) = (rotation.Successor, rotation.Replaced);
        var until = replaced.Status == "rotating" ? $"works beside it until {Minute(replaced.OverlapEndsAt)} UTC, or until nobody uses it any more" : "has ended";
        await output.WriteLineAsync($"Key {successor.KeyId} takes the place of {replaced.KeyId}, which {until}.\nShown this once:\n\n  export MLFLOW_TRACKING_TOKEN={successor.Key}");
    }

    public static async Task WriteChangedAsync(TextWriter output, KeyDescription key, bool json) => await output.WriteLineAsync(json
        ? JsonSerializer.Serialize(key, KeyJson.Default.KeyDescription)
        : $"Key {key.KeyId} ({key.Display}, {key.Name}) is {key.Status}.");

    public static async Task WriteImportedAsync(TextWriter output, KeyImport import, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(import, KeyJson.Default.KeyImport));
            return;
        }
        foreach (var key in import.Keys) await output.WriteLineAsync($"{key.KeyId}\t{key.Display}\t{key.Name}\t{key.UserId}");
        foreach (var duplicate in import.Duplicates) await output.WriteLineAsync($"line {duplicate.Line}: {duplicate.Text}");
        await output.WriteLineAsync($"{import.Keys.Count} imported, {import.Duplicates.Count} there already.");
    }

    public static async Task WriteShownAsync(TextWriter output, KeyDescription key, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(key, KeyJson.Default.KeyDescription));
            return;
        }
        (string Name, string? Value)[] lines =
        [
            ("key id", key.KeyId), ("display", key.Display), ("name", key.Name), ("user", key.UserId), ("email", key.Email), ("environment", key.Environment),
            ("scopes", string.Join(", ", key.Scopes)), ("status", key.Status), ("created", Minute(key.CreatedAt)), ("expires", key.ExpiresAt is null ? "never" : Minute(key.ExpiresAt)),
            ("disabled", Past(key.DisabledAt)), ("revoked", Past(key.RevokedAt)), ("successor", key.SuccessorId), ("overlap ends", Past(key.OverlapEndsAt)), ("retired", Past(key.RetiredAt)),
            ("rate limit", key.RateLimitPerHour is { } rate ? $"{Number(rate)} requests an hour" : null), ("networks", Joined(key.AllowedNetworks)),
            ("experiments", Joined(key.Grants?.Experiments)), ("models", Joined(key.Grants?.Models)),
            ("bytes a day", key.Quotas?.BytesPerDay is { } bytes ? Number(bytes) : null), ("runs a day", key.Quotas?.RunsPerDay is { } runs ? Number(runs) : null),
            ("last used", key.LastUse is null ? "never, as far as gateways told" : $"{Minute(key.LastUse.At)} from {key.LastUse.ClientIp}, {key.LastUse.Client ?? "unknown client"}"), ("uses", key.LastUse is null ? null : Number(key.LastUse.Count)),
        ];
        foreach (var (name, value) in lines.Where(line => line.Value is not null)) await output.WriteLineAsync($"{name,-13} {value}");
    }

    public static async Task WriteListAsync(TextWriter output, KeyList list, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(list, KeyJson.Default.KeyList));
            return;
        }
        var shown = IsPlain(output) ? Columns : [.. Columns.Where(column => !Wide.Contains(column.Name))];
        await WriteTableAsync(output, [.. shown.Select(column => column.Name)], [.. list.Keys.Select(key => shown.Select(column => column.Cell(key)).ToArray())]);
    }

    /// <summary>Rows as a table on a terminal, as lines with tabs in a pipe.</summary>
    public static async Task WriteTableAsync(TextWriter output, string[] columns, IReadOnlyList<string[]> rows)
    {
        if (IsPlain(output))
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

    private static bool IsPlain(TextWriter output) => Console.IsOutputRedirected || !ReferenceEquals(output, Console.Out);

    private static string Limits(KeyDescription key)
    {
        (string Name, string? Value)[] limits =
        [
            ("rate", key.RateLimitPerHour is { } rate ? Number(rate) : null), ("networks", Joined(key.AllowedNetworks)), ("experiments", Joined(key.Grants?.Experiments)), ("models", Joined(key.Grants?.Models)),
            ("bytes", key.Quotas?.BytesPerDay is { } bytes ? Number(bytes) : null), ("runs", key.Quotas?.RunsPerDay is { } runs ? Number(runs) : null),
        ];
        return string.Join(' ', limits.Where(limit => limit.Value is not null).Select(limit => $"{limit.Name}={limit.Value}")) is { Length: > 0 } text ? text : "-";
    }

    private static string? Joined(IReadOnlyList<string>? items) => items is null ? null : items.Count == 0 ? "none" : string.Join(",", items);

    private static string Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-";

    private static string Minute(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "-";

    private static string? Past(DateTimeOffset? time) => time is null ? null : Minute(time);

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
