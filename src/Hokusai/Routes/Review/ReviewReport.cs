using System.Text;
using System.Text.Json.Nodes;
using Hokusai.Routes.Show;

namespace Hokusai.Routes.Review;

/// <summary>A review as a page and as JSON, with the same content.</summary>
internal static class ReviewReport
{
    public static string Page(RoutingReview review)
    {
        var page = new StringBuilder("# Review of the load balancer's routing\n\n## Summary\n\n");
        page.Append(Summary(review)).Append('\n');
        page.Append("\n## Findings\n");
        if (review.Findings.Count == 0) page.Append("\nNone.\n");
        foreach (var (finding, number) in review.Findings.Select((f, i) => (f, i + 1)))
        {
            page.Append('\n').Append($"### {number}. {finding.Severity}: {finding.Code}, {Markdown.Text(finding.Place)}").Append("\n\n");
            page.Append(Markdown.Text($"{finding.Place} {finding.What}.")).Append("\n\n");
            page.Append("- Evidence: ").Append(Markdown.Text(finding.Evidence)).Append('\n');
            // A command is copied as it is; anything else is read.
            if (finding.Remedy.StartsWith("aws ", StringComparison.Ordinal)) page.Append("- Remedy:\n\n").Append(Markdown.Block(finding.Remedy));
            else page.Append("- Remedy: ").Append(Markdown.Text(finding.Remedy)).Append('\n');
        }
        page.Append("\n## Listeners\n");
        foreach (var listener in review.Source.Listeners)
        {
            page.Append("\n### ").Append(Markdown.Text(listener.Name)).Append("\n\n");
            if (listener.Arn is { } arn) page.Append(Markdown.Text(arn)).Append("\n\n");
            page.Append(Markdown.Table(["Priority", "Name", "Conditions", "Action", "Rewrite"], ShowOutput.Rules(listener)));
        }
        page.Append("\n## Target groups\n\n");
        page.Append(Markdown.Table(["Target group", "Port", "Health check", "Deregistration", "Targets", "Used by"], review.Source.Groups.Values.Select(g => (IReadOnlyList<string>)[.. ShowOutput.Group(g), UsedBy(review, g.Group.Name)])));
        page.Append("\n## What was assumed\n\n");
        foreach (var line in review.Assumed) page.Append("- ").Append(Markdown.Text(line)).Append('\n');
        return page.ToString();
    }

    public static JsonObject Json(RoutingReview review)
    {
        var json = new JsonObject
        {
            ["errors"] = review.Count(Severity.Error),
            ["warnings"] = review.Count(Severity.Warning),
            ["information"] = review.Count(Severity.Information),
            ["findings"] = RoutesOutput.Array(review.Findings.Select(f => new JsonObject
            {
                ["severity"] = f.Severity.ToString().ToLowerInvariant(),
                ["code"] = f.Code,
                ["place"] = f.Place,
                ["what"] = f.What,
                ["evidence"] = f.Evidence,
                ["remedy"] = f.Remedy,
            })),
        };
        foreach (var (name, value) in ShowJson.Of(review.Source).ToList()) json[name] = value?.DeepClone();
        json["assumed"] = RoutesOutput.Array(review.Assumed);
        return json;
    }

    private static string Summary(RoutingReview review)
    {
        var (listeners, rules) = (review.Source.Listeners.Count, review.Source.Listeners.Sum(l => l.Rules.Count));
        var sum = $"{Count(review.Count(Severity.Error), "error")}, {Count(review.Count(Severity.Warning), "warning")}, {review.Count(Severity.Information)} for information; {Count(listeners, "listener")}, {Count(rules, "rule")}, {Count(review.Source.Groups.Count, "target group")}.";
        return review.Findings is [{ Severity: Severity.Error } first, ..] ? $"{sum}\n\nFirst of all: {Markdown.Text($"{first.Place} {first.What}")}." : sum;
    }

    private static string UsedBy(RoutingReview review, string group)
    {
        var users = review.Source.Listeners.SelectMany(l => l.Rules.Where(r => r.Rule.Action.TargetNames.Contains(group)).Select(r => $"{l.Name} {r.Rule.Priority}").Concat(l.Default.TargetNames.Contains(group) ? [$"{l.Name} default"] : []).Concat(l.Off.Where(r => r.TargetNames.Contains(group)).Select(r => $"{l.Name} {r.Priority} (off)")));
        return string.Join(", ", users) is { Length: > 0 } text ? text : "nothing";
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
