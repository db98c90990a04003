using System.Text.Json;
using Xunit.Sdk;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>How a Terraform command ended.</summary>
/// <param name="Command">The command.</param>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error.</param>
internal sealed record TerraformResult(string Command, int Code, string Output, string Errors)
{
    /// <summary>The errors it reported, a line each, without warnings. The command must have been run with <c>-json</c>: texts for people are wrapped.</summary>
    public IReadOnlyList<string> Faults => [.. Diagnostics().Where(diagnostic => Text(diagnostic, "severity") == "error").Select(Line)];

    /// <summary>The warnings it reported.</summary>
    public IReadOnlyList<string> Warnings => [.. Diagnostics().Where(diagnostic => Text(diagnostic, "severity") == "warning").Select(Line)];

    /// <summary>Fails the test if the command ended in another way.</summary>
    public TerraformResult AssertCode(int code) => Code == code ? this : throw new XunitException($"terraform {Command} ended with {Code}, not {code}:\n{(Output.Contains("\"diagnostic", StringComparison.Ordinal) ? string.Join('\n', Faults) : Output)}\n{Errors}");

    // validate -json writes one document with all diagnostics, plan and apply a line for each event.
    private IEnumerable<JsonElement> Diagnostics()
    {
        if (Output.TrimStart().StartsWith("{\n", StringComparison.Ordinal)) return Parse(Output).GetProperty("diagnostics").EnumerateArray();
        return Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('{')).Select(Parse)
            .Where(line => line.TryGetProperty("diagnostic", out _)).Select(line => line.GetProperty("diagnostic"));
    }

    private static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static string Line(JsonElement diagnostic) => string.Join(' ', ((string[])[$"{Text(diagnostic, "summary")}:", Text(diagnostic, "address"), Text(diagnostic, "detail")]).Where(part => part.Length > 0)).ReplaceLineEndings(" ");

    private static string Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
