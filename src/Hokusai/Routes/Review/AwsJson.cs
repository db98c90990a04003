using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Review;

/// <summary>Conditions, actions and transforms as <c>aws elbv2 create-rule</c> takes them.</summary>
internal static class AwsJson
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For <c>--conditions</c>.</summary>
    public static string Of(IEnumerable<RuleCondition> conditions) => new JsonArray([.. conditions.Select(One)]).ToJsonString(Plain);

    /// <summary>For <c>--transforms</c>.</summary>
    public static string Of(RewriteTransform rewrite) => new JsonArray(new JsonObject
    {
        ["Type"] = "url-rewrite",
        ["UrlRewriteConfig"] = new JsonObject { ["Rewrites"] = new JsonArray(new JsonObject { ["Regex"] = rewrite.Regex, ["Replace"] = rewrite.Replace }) },
    }).ToJsonString(Plain);

    /// <summary>For <c>--actions</c>.</summary>
    public static string Of(Redirect to) => new JsonArray(new JsonObject
    {
        ["Type"] = "redirect",
        ["RedirectConfig"] = new JsonObject { ["Protocol"] = to.Protocol, ["Host"] = to.Host, ["Port"] = to.Port, ["Path"] = to.Path, ["Query"] = to.Query, ["StatusCode"] = $"HTTP_{to.Status}" },
    }).ToJsonString(Plain);

    /// <summary>For <c>--actions</c> with several target groups.</summary>
    public static string Of(IEnumerable<(string Arn, int Weight)> groups) => new JsonArray(new JsonObject
    {
        ["Type"] = "forward",
        ["ForwardConfig"] = new JsonObject { ["TargetGroups"] = RoutesOutput.Array(groups.Select(g => new JsonObject { ["TargetGroupArn"] = g.Arn, ["Weight"] = g.Weight })) },
    }).ToJsonString(Plain);

    private static JsonObject One(RuleCondition condition) => condition switch
    {
        PathCondition c => Config(c, "PathPatternConfig"),
        HostCondition c => Config(c, "HostHeaderConfig"),
        MethodCondition c => Config(c, "HttpRequestMethodConfig"),
        SourceCondition c => Config(c, "SourceIpConfig"),
        HeaderCondition c => new JsonObject { ["Field"] = c.Field, ["HttpHeaderConfig"] = new JsonObject { ["HttpHeaderName"] = c.Name, ["Values"] = RoutesOutput.Array(c.Patterns) } },
        QueryCondition c => new JsonObject { ["Field"] = c.Field, ["QueryStringConfig"] = new JsonObject { ["Values"] = RoutesOutput.Array(c.Patterns.Select(Field)) } },
        OtherCondition c when c.Kind.Split(' ')[0] is var field => new JsonObject { ["Field"] = field, ["RegexValues"] = RoutesOutput.Array(c.Texts) },
        _ => throw new ArgumentException(condition.Field, nameof(condition)),
    };

    private static JsonObject Config(RuleCondition condition, string config) => new() { ["Field"] = condition.Field, [config] = new JsonObject { ["Values"] = RoutesOutput.Array(condition.Values) } };

    private static JsonObject Field(QueryPattern pattern)
    {
        var field = new JsonObject { ["Value"] = pattern.Value };
        if (pattern.Key is not null) field.Insert(0, "Key", pattern.Key);
        return field;
    }
}
