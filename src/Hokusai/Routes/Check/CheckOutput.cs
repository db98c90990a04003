using System.Text.Json.Nodes;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Check;

/// <summary>What <c>hokusai routes check</c> prints: a line a fault, and the sum.</summary>
internal static class CheckOutput
{
    public static async Task WriteAsync(TextWriter output, RoutesCheck report)
    {
        foreach (var fault in report.Faults) await RoutesOutput.LineAsync(output, $"✗ {fault.Code}: {fault.Text}", "red");
        foreach (var warning in report.Warnings) await RoutesOutput.LineAsync(output, $"· {warning.Code}: {warning.Text}", "yellow");
        await RoutesOutput.LineAsync(output, $"{report.Path}: {report.Rules} rules, {Count(report.Faults.Count, "fault")}, {(report.Faults.Count > 0 ? "not looked at for warnings" : Count(report.Warnings.Count, "warning"))}", report.Faults.Count > 0 ? "red" : "green");
    }

    public static JsonObject Json(RoutesCheck report) => new()
    {
        ["file"] = report.Path,
        ["rules"] = report.Rules,
        ["faults"] = RoutesOutput.Array(report.Faults.Select(Json)),
        ["warnings"] = RoutesOutput.Array(report.Warnings.Select(Json)),
    };

    private static JsonObject Json(RoutingFault fault) => new() { ["code"] = fault.Code, ["text"] = fault.Text };

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
