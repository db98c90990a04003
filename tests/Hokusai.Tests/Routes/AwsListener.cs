using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Routes.Review;
using Hokusai.Routes.Sources;

namespace Hokusai.Tests.Routes;

/// <summary>A listener in the form in which the AWS CLI describes it.</summary>
internal sealed class AwsListener(string protocol = "HTTPS", int port = 443, string id = "1111111111111111")
{
    public const string LoadBalancer = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/chain/50dc6c495c0c9188";

    private readonly List<JsonObject> _rules = [];
    private JsonObject _default = Aws.Fixed(404);

    public string Arn { get; } = LoadBalancer.Replace(":loadbalancer/", ":listener/", StringComparison.Ordinal) + "/" + id;

    /// <summary>The listener as the design has it.</summary>
    public static AwsListener Good(string protocol = "HTTPS", int port = 443, string id = "1111111111111111") => new AwsListener(protocol, port, id)
        .Rule(10, "api", "/api/mlflow", "/api/mlflow/*")
        .Rule(20, "auth", "/api/v1/keys", "/api/v1/keys/*")
        .Rule(30, "api", "/api", "/api/*")
        .Rule(40, Aws.Forward("mlflow"), [Aws.Path("/mlflow/api/*"), Aws.Source("10.0.0.0/8")], Aws.UrlRewrite("^/mlflow/api/(.*)$", "/api/$1"))
        .Rule(50, Aws.Forward("mlflow"), [Aws.Path("/mlflow", "/mlflow/*"), Aws.Source("10.0.0.0/8")]);

    public AwsListener Rule(int priority, string group, params string[] paths) => Rule(priority, Aws.Forward(group), [Aws.Path(paths)]);

    public AwsListener Rule(int priority, JsonObject action, JsonObject[] conditions, params JsonObject[] transforms) => Rule(priority, [action], conditions, transforms);

    public AwsListener Rule(int priority, JsonObject[] actions, JsonObject[] conditions, params JsonObject[] transforms)
    {
        _rules.Add(new JsonObject
        {
            ["RuleArn"] = RuleArn(priority),
            ["Priority"] = priority.ToString(CultureInfo.InvariantCulture),
            ["Conditions"] = new JsonArray([.. conditions]),
            ["Actions"] = new JsonArray([.. actions]),
            ["IsDefault"] = false,
            ["Transforms"] = new JsonArray([.. transforms]),
        });
        return this;
    }

    public AwsListener Without(int priority)
    {
        _rules.RemoveAll(r => r["RuleArn"]!.GetValue<string>() == RuleArn(priority));
        return this;
    }

    public AwsListener DefaultTo(JsonObject action)
    {
        _default = action;
        return this;
    }

    public string RuleArn(int priority) => $"{Arn.Replace(":listener/", ":listener-rule/", StringComparison.Ordinal)}/{priority:d16}";

    public string Rules() => new JsonObject { ["Rules"] = new JsonArray([.. _rules.Select(r => r.DeepClone()), new JsonObject { ["RuleArn"] = RuleArn(0), ["Priority"] = "default", ["Conditions"] = new JsonArray(), ["Actions"] = new JsonArray(_default.DeepClone()), ["IsDefault"] = true }]) }.ToJsonString();

    public string Listeners() => new JsonObject { ["Listeners"] = new JsonArray(new JsonObject { ["ListenerArn"] = Arn, ["LoadBalancerArn"] = LoadBalancer, ["Port"] = port, ["Protocol"] = protocol, ["DefaultActions"] = new JsonArray(_default.DeepClone()) }) }.ToJsonString();

    /// <summary>The listener with good target groups, read back.</summary>
    public RoutingSource Read(params JsonObject[] groups) => Aws.Read([this], groups.Length > 0 ? groups : [Aws.Group("api", 8001), Aws.Group("auth", 8002), Aws.Group("mlflow", 5000)]);
}

/// <summary>Parts of what the AWS CLI writes. Field names: Elastic Load Balancing API reference 2015-12-01.</summary>
internal static class Aws
{
    public static string GroupArn(string name) => $"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/73e2d6bc24d8a067";

    public static JsonObject Forward(string group) => new() { ["Type"] = "forward", ["Order"] = 1, ["TargetGroupArn"] = GroupArn(group), ["ForwardConfig"] = new JsonObject { ["TargetGroups"] = new JsonArray(Weight(group, 1)) } };

    public static JsonObject Forward(params (string Group, int Weight)[] groups) => new() { ["Type"] = "forward", ["ForwardConfig"] = new JsonObject { ["TargetGroups"] = new JsonArray([.. groups.Select(g => Weight(g.Group, g.Weight))]) } };

    public static JsonObject Fixed(int status) => new() { ["Type"] = "fixed-response", ["FixedResponseConfig"] = new JsonObject { ["StatusCode"] = $"{status}", ["ContentType"] = "application/json", ["MessageBody"] = "{}" } };

    public static JsonObject ToHttps() => new() { ["Type"] = "redirect", ["RedirectConfig"] = new JsonObject { ["Protocol"] = "HTTPS", ["Port"] = "443", ["Host"] = "#{host}", ["Path"] = "/#{path}", ["Query"] = "#{query}", ["StatusCode"] = "HTTP_301" } };

    public static JsonObject Path(params string[] values) => Condition("path-pattern", "PathPatternConfig", values);

    public static JsonObject Host(params string[] values) => Condition("host-header", "HostHeaderConfig", values);

    public static JsonObject Method(params string[] values) => Condition("http-request-method", "HttpRequestMethodConfig", values);

    public static JsonObject Source(params string[] values) => Condition("source-ip", "SourceIpConfig", values);

    public static JsonObject Header(string name, params string[] values)
    {
        var condition = Condition("http-header", "HttpHeaderConfig", values);
        condition["HttpHeaderConfig"]!["HttpHeaderName"] = name;
        return condition;
    }

    public static JsonObject Query(string key, string value) => new() { ["Field"] = "query-string", ["QueryStringConfig"] = new JsonObject { ["Values"] = new JsonArray(new JsonObject { ["Key"] = key, ["Value"] = value }) } };

    public static JsonObject PathRegex(string regex) => new() { ["Field"] = "path-pattern", ["PathPatternConfig"] = new JsonObject { ["RegexValues"] = new JsonArray(regex) } };

    public static JsonObject UrlRewrite(string regex, string replace) => new() { ["Type"] = "url-rewrite", ["UrlRewriteConfig"] = new JsonObject { ["Rewrites"] = new JsonArray(new JsonObject { ["Regex"] = regex, ["Replace"] = replace }) } };

    /// <summary>A target group with a good health check, one field of which may be another.</summary>
    public static JsonObject Group(string name, int port, string? field = null, JsonNode? value = null)
    {
        var group = new JsonObject
        {
            ["TargetGroupArn"] = GroupArn(name),
            ["TargetGroupName"] = name,
            ["Protocol"] = "HTTP",
            ["Port"] = port,
            ["TargetType"] = "ip",
            ["HealthCheckEnabled"] = true,
            ["HealthCheckPath"] = "/health",
            ["HealthCheckPort"] = "traffic-port",
            ["HealthCheckIntervalSeconds"] = 10,
            ["HealthCheckTimeoutSeconds"] = 5,
            ["HealthyThresholdCount"] = 2,
            ["UnhealthyThresholdCount"] = 2,
            ["Matcher"] = new JsonObject { ["HttpCode"] = "200" },
        };
        if (field is not null) group[field] = value;
        return group;
    }

    public static string Groups(params JsonObject[] groups) => new JsonObject { ["TargetGroups"] = new JsonArray([.. groups.Select(g => g.DeepClone())]) }.ToJsonString();

    public static string Health(params (string Id, int Port, string State, string? Reason)[] targets) => new JsonObject
    {
        ["TargetHealthDescriptions"] = new JsonArray([.. targets.Select(t => new JsonObject { ["Target"] = new JsonObject { ["Id"] = t.Id, ["Port"] = t.Port }, ["TargetHealth"] = new JsonObject { ["State"] = t.State, ["Reason"] = t.Reason } })]),
    }.ToJsonString();

    public static string Delay(int seconds) => new JsonObject { ["Attributes"] = new JsonArray(new JsonObject { ["Key"] = "stickiness.enabled", ["Value"] = "false" }, new JsonObject { ["Key"] = "deregistration_delay.timeout_seconds", ["Value"] = $"{seconds}" }) }.ToJsonString();

    public static RoutingSource Read(IReadOnlyList<AwsListener> listeners, JsonObject[] groups, params (string Label, string Json)[] more) =>
        Read([.. listeners.SelectMany(l => ((string, string)[])[("rules.json", l.Rules()), ("listeners.json", l.Listeners())]), ("groups.json", Groups(groups)), .. more]);

    public static RoutingSource Read(params (string Label, string Json)[] answers)
    {
        var reader = new DescribeReader();
        foreach (var (label, json) in answers)
        {
            using var document = JsonDocument.Parse(json);
            reader.Add(label, document.RootElement.Clone());
        }
        return reader.Build();
    }

    public static IReadOnlyList<Finding> Findings(this RoutingSource source) => RoutingReview.Of(new ReviewInput(source, new Roles(source, new Dictionary<string, Role>()), [])).Findings;

    private static JsonObject Weight(string group, int weight) => new() { ["TargetGroupArn"] = GroupArn(group), ["Weight"] = weight };

    private static JsonObject Condition(string field, string config, string[] values) => new() { ["Field"] = field, ["Values"] = new JsonArray([.. values.Select(v => (JsonNode?)v)]), [config] = new JsonObject { ["Values"] = new JsonArray([.. values.Select(v => (JsonNode?)v)]) } };
}
