using System.Text.Json;

namespace Hokusai.AwsStub.Rules;

/// <summary>What ECS refuses in container definitions though each field by itself is fine ("Amazon ECS task definition parameters" of AWS).</summary>
internal static class ContainerChecks
{
    public static IEnumerable<string> Of(JsonElement containers)
    {
        if (containers.ValueKind != JsonValueKind.Array || containers.GetArrayLength() == 0) return ["at least one container is needed"];
        var all = containers.EnumerateArray().Where(container => container.ValueKind == JsonValueKind.Object).ToList();
        var findings = all.SelectMany(Container).ToList();
        findings.AddRange(Twice(all.Select(container => Text(container, "name"))).Select(name => $"two containers are named {name}"));
        if (all.TrueForAll(container => container.TryGetProperty("essential", out var essential) && essential.ValueKind == JsonValueKind.False)) findings.Add("one container must be essential");
        return findings;
    }

    private static IEnumerable<string> Container(JsonElement container)
    {
        var name = Text(container, "name");
        if (name is null) yield return "a container has no name";
        if (Text(container, "image") is not { Length: > 0 }) yield return $"container {name} has no image";
        foreach (var twice in Twice(Elements(container, "environment").Concat(Elements(container, "secrets")).Select(pair => Text(pair, "name"))))
            yield return $"container {name}: {twice} is set twice";
        foreach (var port in Elements(container, "portMappings"))
        {
            if (port.TryGetProperty("hostPort", out var host) && port.TryGetProperty("containerPort", out var inner) && host.ToString() != inner.ToString())
                yield return $"container {name}: with awsvpc hostPort {host} must be containerPort {inner}";
        }
        foreach (var secret in Elements(container, "secrets").Where(secret => Text(secret, "valueFrom")?.StartsWith("arn:", StringComparison.Ordinal) != true))
            yield return $"container {name}: the secret {Text(secret, "name")} is not read from an ARN";
        if (!container.TryGetProperty("healthCheck", out var check) || check.ValueKind != JsonValueKind.Object) yield break;
        foreach (var (field, min, max) in new[] { ("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300) })
            if (check.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && (value.GetDouble() < min || value.GetDouble() > max))
                yield return $"container {name}: healthCheck.{field} {value} is outside {min}-{max}";
        if (Elements(check, "command").FirstOrDefault() is { ValueKind: JsonValueKind.String } first && first.GetString() is not ("CMD" or "CMD-SHELL" or "NONE"))
            yield return $"container {name}: healthCheck.command begins with \"{first}\", not with CMD or CMD-SHELL";
    }

    private static List<JsonElement> Elements(JsonElement from, string name) => from.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static string? Text(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<string> Twice(IEnumerable<string?> names) => names.OfType<string>().GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key);
}
