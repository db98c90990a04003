using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>Reads rules, conditions and actions as <c>aws elbv2 describe-rules</c> writes them.</summary>
/// <remarks>Source: AWS, Elastic Load Balancing API reference 2015-12-01, types Rule, RuleCondition, Action and RuleTransform.</remarks>
internal static class DescribedRule
{
    /// <summary>Reads a rule that is not the default.</summary>
    public static RuleView Read(JsonElement rule)
    {
        var arn = rule.Text("RuleArn");
        var priority = rule.Number("Priority") ?? throw new InvalidDataException($"rule '{arn}' has no Priority");
        var (action, before) = ReadActions(rule.Items("Actions"));
        var unread = new List<string>();
        return new RuleView(
            new ListenerRule($"rule {priority}", priority, [.. rule.Items("Conditions").Select(Condition)], action, Transform(rule, "url-rewrite", "UrlRewriteConfig", unread), Transform(rule, "host-header-rewrite", "HostHeaderRewriteConfig", unread)),
            arn, before, unread);
    }

    /// <summary>The last action, and the types of those before it.</summary>
    public static (RuleAction Action, IReadOnlyList<string> Before) ReadActions(IReadOnlyList<JsonElement> actions)
    {
        var ordered = actions.OrderBy(a => a.Number("Order") ?? int.MaxValue).ToList();
        if (ordered.Count == 0) return (new OtherAction("no action"), []);
        return (Action(ordered[^1]), [.. ordered.SkipLast(1).Select(TypeOf)]);
    }

    /// <summary>The name in a target group's ARN; the whole text if it is none.</summary>
    public static string GroupName(string arn) => arn.Split('/') is [var head, var name, ..] && head.EndsWith(":targetgroup", StringComparison.Ordinal) ? name : arn;

    /// <summary>A network; bits beyond its prefix do not count, as for the load balancer.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IPNetwork Network(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (text.Split('/') is not [var address, var length] || !IPAddress.TryParse(address, out var ip) || !int.TryParse(length, out var bits) || bits < 0) throw new InvalidDataException($"source-ip '{text}': is no network");
        var bytes = ip.GetAddressBytes();
        if (bits > bytes.Length * 8) throw new InvalidDataException($"source-ip '{text}': is no network");
        for (var bit = bits; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), bits);
    }

    private static RuleCondition Condition(JsonElement condition)
    {
        var field = condition.Text("Field") ?? throw new InvalidDataException("a condition has no Field");
        var (name, values, regex) = Values(condition, field);
        if (regex.Count > 0) return new OtherCondition($"{field} (regular expression)", regex);
        return field switch
        {
            "path-pattern" => new PathCondition(values),
            "host-header" => new HostCondition(values),
            "http-request-method" => new MethodCondition(values),
            "source-ip" => new SourceCondition([.. values.Select(Network)]),
            "http-header" => new HeaderCondition(name ?? "", values),
            "query-string" => new QueryCondition([.. (condition.Object("QueryStringConfig")?.Items("Values") ?? []).Select(v => new QueryPattern(v.Text("Value") ?? "", v.Text("Key")))]),
            _ => new OtherCondition(field, values),
        };
    }

    // In the config object of its field, or in Values as the API first had it.
    private static (string? Name, IReadOnlyList<string> Values, IReadOnlyList<string> Regex) Values(JsonElement condition, string field)
    {
        if (field == "query-string") return (null, [], []);
        var config = ConfigOf(field) is { } member ? condition.Object(member) : null;
        var values = config?.Texts("Values") is { Count: > 0 } inside ? inside : condition.Texts("Values");
        var regex = config?.Texts("RegexValues") is { Count: > 0 } within ? within : condition.Texts("RegexValues");
        return (config?.Text("HttpHeaderName"), values, regex);
    }

    private static string? ConfigOf(string field) => field switch
    {
        "path-pattern" => "PathPatternConfig",
        "host-header" => "HostHeaderConfig",
        "http-request-method" => "HttpRequestMethodConfig",
        "source-ip" => "SourceIpConfig",
        "http-header" => "HttpHeaderConfig",
        _ => null,
    };

    private static RuleAction Action(JsonElement action) => TypeOf(action) switch
    {
        "forward" => Forward(action),
        "redirect" when action.Object("RedirectConfig") is { } to => new RedirectAction(new Redirect(
            Status(to), to.Text("Protocol") ?? "#{protocol}", to.Text("Host") ?? "#{host}", to.Text("Port") ?? "#{port}", to.Text("Path") ?? "/#{path}", to.Text("Query") ?? "#{query}")),
        "fixed-response" when action.Object("FixedResponseConfig") is { } answer => new FixedResponseAction(new FixedResponse(Status(answer), answer.Text("ContentType") ?? "text/plain", answer.Text("MessageBody") ?? "")),
        var other => new OtherAction(other),
    };

    private static RuleAction Forward(JsonElement action)
    {
        var weighted = (action.Object("ForwardConfig")?.Items("TargetGroups") ?? []).Select(t => new WeightedTarget(GroupName(t.Text("TargetGroupArn") ?? ""), t.Number("Weight") ?? 1)).ToList();
        if (weighted.Count > 0) return new ForwardAction(weighted);
        return action.Text("TargetGroupArn") is { } arn ? new ForwardAction(GroupName(arn)) : new OtherAction("forward without target group");
    }

    private static int Status(JsonElement config) =>
        (config.Text("StatusCode") ?? "").Replace("HTTP_", "", StringComparison.Ordinal) is var text && int.TryParse(text, out var status) ? status : throw new InvalidDataException($"StatusCode '{text}': is no status code");

    private static RewriteTransform? Transform(JsonElement rule, string type, string config, List<string> unread)
    {
        var rewrites = rule.Items("Transforms").Where(t => t.Text("Type") == type).SelectMany(t => t.Object(config)?.Items("Rewrites") ?? []).ToList();
        if (rewrites.Count == 0) return null;
        var rewrite = new RewriteTransform(rewrites[0].Text("Regex") ?? "", rewrites[0].Text("Replace") ?? "");
        if (RoutingTable.FaultOf(rewrite) is not { } fault) return rewrite;
        unread.Add($"{type} '{rewrite.Regex}': {fault}");
        return null;
    }

    private static string TypeOf(JsonElement action) => action.Text("Type") ?? "no type";
}
