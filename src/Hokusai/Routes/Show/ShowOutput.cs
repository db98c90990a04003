using System.Globalization;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Show;

/// <summary>Listeners and target groups as tables.</summary>
internal static class ShowOutput
{
    public static readonly string[] RuleColumns = ["PRIORITY", "NAME", "CONDITIONS", "ACTION", "REWRITE"];
    public static readonly string[] GroupColumns = ["TARGET GROUP", "PORT", "HEALTH CHECK", "DEREGISTRATION", "TARGETS"];

    public static async Task WriteAsync(TextWriter output, RoutingSource source)
    {
        foreach (var listener in source.Listeners)
        {
            await RoutesOutput.LineAsync(output, listener.Name, "bold");
            await RoutesOutput.TableAsync(output, RuleColumns, [.. Rules(listener)]);
            await RoutesOutput.LineAsync(output, "");
        }
        await RoutesOutput.TableAsync(output, GroupColumns, [.. source.Groups.Values.Select(Group)]);
        foreach (var note in source.Notes) await RoutesOutput.LineAsync(output, $"note: {note}", "yellow");
    }

    /// <summary>The rules of a listener in order, those that are off among them, and the default last.</summary>
    public static IEnumerable<string[]> Rules(ListenerView listener) =>
        listener.Rules.Select(r => (r.Rule.Priority, Cells: Row(r))).Concat(listener.Off.Select(r => (r.Priority, Cells: Row(r)))).OrderBy(r => r.Priority).Select(r => r.Cells)
            .Append(["default", "-", "-", RuleText.Of(listener.Default), "-"]);

    public static string[] Group(GroupView view) =>
    [
        view.Group.Name,
        view.Group.Port == 0 ? "-" : $"{view.Group.Protocol}:{Number(view.Group.Port)}",
        view.KnowsCheck ? RuleText.Of(view.Group.HealthCheck) : "not given",
        view.KnowsDelay ? $"{Number((int)view.Group.DeregistrationDelay.TotalSeconds)} s" : "not given",
        Targets(view),
    ];

    private static string Targets(GroupView view) => view.Targets is not { } targets ? "-" : targets.Count == 0 ? "none" : string.Join(", ", targets.Select(t => $"{t.Id}:{Number(t.Port)} {t.State}{(t.Reason is null ? "" : $" ({t.Reason})")}"));

    private static string[] Row(RuleView rule) => [Number(rule.Rule.Priority), rule.Rule.Name, RuleText.Conditions(rule.Rule), RuleText.Action(rule), Or(RuleText.Rewrite(rule.Rule))];

    // Only paths decide which rule of the file is meant; the rest of it is in the file.
    private static string[] Row(RouteRule rule) =>
        [Number(rule.Priority), rule.Name, $"path {string.Join(", ", rule.Paths ?? ["any"])}", $"off: {string.Join(" + ", rule.TargetNames)} only with --direct-access networks", rule.Rewrite is { } rewrite ? $"path {rewrite.Regex} to {rewrite.Replace}" : "-"];

    private static string Or(string text) => text.Length > 0 ? text : "-";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
