using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Store;

namespace Hokusai.Keys.Import;

/// <summary>A key that exists elsewhere, and the line that has it.</summary>
internal sealed record ImportedKey(int Line, ApiKey Key, KeyTerms Terms);

/// <summary>
/// Reads keys that exist elsewhere: a line is a key, a JSON object with the field <c>key</c>, or a row of CSV below a first line that
/// names the columns. Empty lines and those that begin with # are passed over. No text that may hold a key is ever repeated.
/// </summary>
internal sealed class ImportFile
{
    private const string KeyColumn = "key";
    private const string StandardName = "imported";

    private static readonly string[] Columns =
        ["key", "name", "user_id", "email", "environment", "scopes", "expires_at", "expires_in_days", "rate_limit_per_hour", "allowed_networks", "experiments", "models", "bytes_per_day", "runs_per_day"];

    private readonly List<ImportedKey> _keys = [];
    private readonly List<ImportNote> _faults = [];
    private readonly List<ImportNote> _duplicates = [];
    private readonly Dictionary<ApiKey, int> _firstLines = [];
    private readonly string _maker;
    private readonly DateTimeOffset _now;

    private ImportFile(string maker, DateTimeOffset now) => (_maker, _now) = (maker, now);

    /// <summary>The keys, each once.</summary>
    public IReadOnlyList<ImportedKey> Keys => _keys;

    /// <summary>Lines that can't be read. If there are any, nothing should be imported.</summary>
    public IReadOnlyList<ImportNote> Faults => _faults;

    /// <summary>Lines whose key stands further up already.</summary>
    public IReadOnlyList<ImportNote> Duplicates => _duplicates;

    /// <summary>Reads a file.</summary>
    /// <param name="text">What it holds.</param>
    /// <param name="maker">Whose keys they are where the file does not say.</param>
    /// <param name="now">The present.</param>
    public static ImportFile Read(string text, string maker, DateTimeOffset now)
    {
        var file = new ImportFile(maker, now);
        List<string>? header = null;
        var first = true;
        var number = 0;
        foreach (var raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (first && Header(line) is { } names)
            {
                file.CheckHeader(number, names);
                header = names;
            }
            else
            {
                file.Add(number, line, header);
            }
            first = false;
        }
        if (file._keys.Count + file._faults.Count == 0) file._faults.Add(new ImportNote(number, "there is no key in the file"));
        return file;
    }

    // A key or an object is no header, whatever commas stand in it.
    private static List<string>? Header(string line)
    {
        if (line[0] == '{' || line.StartsWith(ApiKey.LivePrefix, StringComparison.Ordinal) || line.StartsWith(ApiKey.TestPrefix, StringComparison.Ordinal)) return null;
        var names = Cells(line)?.ConvertAll(name => name.Trim().ToLowerInvariant());
        return names?.Contains(KeyColumn) == true ? names : null;
    }

    private void CheckHeader(int number, List<string> names)
    {
        foreach (var name in names.Where(name => !Columns.Contains(name))) _faults.Add(new ImportNote(number, $"column '{KeyRedactor.Redact(name)}': not known; there are {string.Join(", ", Columns)}"));
        foreach (var twins in names.GroupBy(name => name).Where(twins => twins.Count() > 1)) _faults.Add(new ImportNote(number, $"column '{KeyRedactor.Redact(twins.Key)}': stands there {twins.Count()} times"));
    }

    private void Add(int number, string line, List<string>? header)
    {
        var (fields, fault) = header is not null ? FromRow(line, header)
            : line[0] == '{' ? KeyFields.Parse(line)
            : (new JsonObject { [KeyColumn] = line }, null);
        if (fields is null)
        {
            _faults.Add(new ImportNote(number, fault!));
            return;
        }
        var faults = new List<string>();
        var text = (fields[KeyColumn] as JsonValue)?.TryGetValue(out string? value) == true ? value : null;
        if (!ApiKey.TryParse(text, out var key)) faults.Add("key: " + (text is null ? "missing" : ApiKey.Fault(text)));
        fields.Remove(KeyColumn);
        if (!fields.ContainsKey("name")) fields["name"] = StandardName;
        var (request, unbound) = KeyFields.Bind(fields, KeyJson.Default.CreateKeyRequest);
        KeyTerms? terms = null;
        if (request is null)
        {
            faults.Add(unbound!);
        }
        else
        {
            (terms, var more) = KeyTermsRules.Read(request, _maker, _now);
            faults.AddRange(more);
        }
        if (faults.Count > 0) _faults.Add(new ImportNote(number, string.Join("; ", faults)));
        else if (!_firstLines.TryAdd(key, number)) _duplicates.Add(new ImportNote(number, string.Create(CultureInfo.InvariantCulture, $"{key.Display} stands in line {_firstLines[key]} already, which counts")));
        else _keys.Add(new ImportedKey(number, key, terms!));
    }

    private static (JsonObject? Fields, string? Fault) FromRow(string line, List<string> header)
    {
        if (Cells(line) is not { } cells) return (null, "has a quotation mark that nothing closes");
        if (cells.Count != header.Count) return (null, $"has {cells.Count} cells, the first line names {header.Count} columns");
        var fields = new JsonObject();
        for (var i = 0; i < cells.Count; i++)
        {
            var cell = cells[i].Trim();
            if (cell.Length == 0 || !Columns.Contains(header[i])) continue;
            switch (header[i])
            {
                case "scopes" or "allowed_networks":
                    fields[header[i]] = List(cell);
                    break;
                case "experiments" or "models":
                    Below(fields, "grants")[header[i]] = List(cell);
                    break;
                case "bytes_per_day" or "runs_per_day":
                    if (!TryNumber(cell, out var quota)) return (null, $"{header[i]}: is no whole number");
                    Below(fields, "quotas")[header[i]] = quota;
                    break;
                case "rate_limit_per_hour" or "expires_in_days":
                    if (!TryNumber(cell, out var number)) return (null, $"{header[i]}: is no whole number");
                    fields[header[i]] = number;
                    break;
                default:
                    fields[header[i]] = cell;
                    break;
            }
        }
        return (fields, null);
    }

    private static bool TryNumber(string cell, out long number) => long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    // Commas separate cells, so lists have semicolons.
    private static JsonArray List(string cell) => [.. cell.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(item => (JsonNode)item)];

    private static JsonObject Below(JsonObject fields, string name)
    {
        if (fields[name] is JsonObject there) return there;
        var made = new JsonObject();
        fields[name] = made;
        return made;
    }

    // RFC 4180, within one line: quoted cells, a doubled mark for a mark.
    private static List<string>? Cells(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') cell.Append(line[i++]);
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == ',' && !quoted) cells.Add(Taken(cell));
            else cell.Append(line[i]);
        }
        cells.Add(cell.ToString());
        return quoted ? null : cells;
    }

    private static string Taken(StringBuilder cell)
    {
        var text = cell.ToString();
        cell.Clear();
        return text;
    }
}
