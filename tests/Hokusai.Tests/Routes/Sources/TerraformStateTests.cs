using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Routing;
using Hokusai.Edge;
using Hokusai.Routes.Sources;

namespace Hokusai.Tests.Routes.Sources;

/// <summary>Listeners out of an applied state.</summary>
public sealed class TerraformStateTests
{
    private const string Office = "10.20.0.0/16";

    private const string AllKinds = """
        {
          "default": {"status": 404, "content_type": "text/plain", "body": "no"},
          "targets": {
            "api": {"port": 8001, "health_check": {"path": "/health", "matcher": "200-299,404", "interval_seconds": 10, "healthy_threshold": 3}, "deregistration_delay_seconds": 60, "slow_start_seconds": 30},
            "canary": {"port": 8002, "protocol": "HTTPS", "algorithm": "least_outstanding_requests"}
          },
          "rules": [
            {"name": "every", "priority": 9, "paths": ["/x"], "hosts": ["*.example.com"], "methods": ["GET"], "forward": [{"target": "api", "weight": 9}, {"target": "canary", "weight": 1}],
              "rewrite": {"regex": "^/x(.*)$", "replace": "/y$1"}, "host_rewrite": {"regex": "^a", "replace": "b"}},
            {"name": "fields", "priority": 7, "sources": ["192.0.2.0/24"], "headers": [{"name": "X-Beta", "values": ["1*"]}], "query": [{"values": [{"key": "v", "value": "1*"}, {"value": "x"}]}], "target": "canary"},
            {"name": "away", "priority": 8, "paths": ["/old/*"], "redirect": {"status": 302, "protocol": "HTTPS", "port": "443", "query": ""}},
            {"name": "closed", "priority": 6, "paths": ["/closed"], "fixed_response": {"status": 503, "content_type": "text/html", "body": "<p>"}}
          ]
        }
        """;

    [Fact]
    public void Parse_ShippedTable_IsTheOneThatWasApplied()
    {
        var document = RoutingDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "routes.json")));
        AssertSame(Table(document, Office), Applied(AppliedState.Of(document, Office)));
        AssertSame(Table(document), Applied(AppliedState.Of(document)));
    }

    [Fact]
    public void Match_EveryCase_IsTheSameByRoutesAndByState()
    {
        string[] direct = ["192.0.2.0/24", "2001:db8:40::/48"];
        var document = RoutingDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "routes.json")));
        var (table, applied) = (Table(document, direct), Applied(AppliedState.Of(document, direct)));
        using var cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cases", "listener-urls.json")));
        var count = 0;
        foreach (var one in cases.RootElement.EnumerateArray())
        {
            var request = new ListenerRequest
            {
                Method = one.GetProperty("method").GetString()!,
                Host = one.GetProperty("host").GetString()!,
                Path = one.GetProperty("path").GetString()!,
                Query = one.TryGetProperty("query", out var query) ? "?" + query.GetString() : "",
                Source = IPAddress.Parse(one.GetProperty("source").GetString()!),
            };
            Assert.Equal(Answer(table, request), Answer(applied, request));
            Assert.Equal(one.GetProperty("rule").GetString(), Answer(applied, request).Rule);
            count++;
        }
        Assert.InRange(count, 500, int.MaxValue);

        static (string Rule, string Sent) Answer(RoutingTable table, ListenerRequest request) =>
            table.Match(request) is { } rule ? (rule.Name, table.Rewrite(rule, request.Path + request.Query)) : ("default", "");
    }

    [Fact]
    public void Parse_AllKindsOfConditionsAndActions_AreTheOnesThatWereApplied()
    {
        var document = RoutingDocument.Parse(AllKinds);
        AssertSame(Table(document), Applied(AppliedState.Of(document)));
    }

    [Fact]
    public void Parse_LoadBalancer_HasTheAttributesThatAreSetAndElseTheDefaults()
    {
        var listener = TerraformState.Parse(AppliedState.Of(RoutingDocument.Parse(AllKinds))).Listener(null);

        Assert.Equal((443, "HTTPS"), (listener.Port, listener.Protocol));
        Assert.Equal(new StateLoadBalancer(AppliedState.Balancer, TimeSpan.FromSeconds(90), DropInvalidHeaders: true), listener.LoadBalancer);
        var bare = TerraformState.Parse(AppliedState.Text([AppliedState.Resource("aws_lb.x", new { arn = AppliedState.Balancer, xff_header_processing_mode = "remove", preserve_host_header = true })], [AppliedState.Resource("aws_alb_listener.x", AppliedState.Listener(80, "HTTP", new FixedResponse(404, "text/plain", "")))]));
        Assert.Equal(new StateLoadBalancer(AppliedState.Balancer, TimeSpan.FromSeconds(60), ForwardedForMode.Remove, PreserveHost: true), Assert.Single(bare.Listeners).LoadBalancer);
    }

    [Theory]
    [InlineData(null, 443)]
    [InlineData(80, 80)]
    [InlineData(443, 443)]
    public void Listener_ByPort_IsTheOneAskedForOrHttps(int? port, int expected) =>
        Assert.Equal(expected, TerraformState.Parse(AppliedState.Of(RoutingDocument.Parse(AllKinds))).Listener(port).Port);

    [Fact]
    public void Listener_PortOfNone_NamesThoseThereAre() =>
        Assert.Equal("has no listener on port 81; there are HTTP:80, HTTPS:443", Assert.Throws<InvalidDataException>(() => TerraformState.Parse(AppliedState.Of(RoutingDocument.Parse(AllKinds))).Listener(81)).Message);

    [Theory]
    [InlineData("{", "is no JSON")]
    [InlineData("[]", "is no output of 'terraform show -json'")]
    [InlineData("""{"Rules":[]}""", "is no output of 'terraform show -json'")]
    [InlineData("""{"format_version":"1.2","planned_values":{},"resource_changes":[]}""", "is a plan, in which the ARNs")]
    [InlineData("""{"format_version":"1.0","terraform_version":"1.11.4"}""", "is an empty state")]
    [InlineData("""{"format_version":"1.0","values":null}""", "is an empty state")]
    public void Parse_WhatIsNoAppliedState_SaysWhatItIs(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => TerraformState.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_RegexOrAuthentication_IsToldApart()
    {
        var regex = new { listener_arn = AppliedState.ListenerArn(9), priority = "1", tags = new { Name = "named" }, condition = new[] { new { path_pattern = new[] { new { regex_values = new[] { "^/x" } } } } }, action = new object[] { new { type = "authenticate-oidc" }, new { type = "forward", target_group_arn = AppliedState.GroupArn("far") } } };
        var listener = Assert.Single(TerraformState.Parse(AppliedState.Text([AppliedState.Resource("aws_lb_listener_rule.x", regex)], [])).Listeners);

        var rule = Assert.Single(listener.Rules);
        Assert.Equal(("named", 1, new OtherAction("authenticate-oidc")), (rule.Name, rule.Priority, rule.Action));
        Assert.Equal("path-pattern regex", Assert.IsType<OtherCondition>(Assert.Single(rule.Conditions)).Field);
        Assert.Null(listener.Port);
    }

    [Theory]
    [InlineData("path", "@198.51.100.1/", "path '@198.51.100.1/' does not start with '/'")]
    [InlineData("interval", "0", "interval 0 is not above 0")]
    [InlineData("timeout", "-5", "timeout -5 is not above 0")]
    [InlineData("port", "99999", "port 99999 is not within 1 to 65535")]
    public void Parse_HealthCheckThatCantBeMade_IsRefused(string field, string value, string expected)
    {
        var group = new { arn = AppliedState.GroupArn("a"), name = "a", port = 80, health_check = new[] { new Dictionary<string, string> { [field] = value } } };

        var fault = Assert.Throws<InvalidDataException>(() => TerraformState.Parse(AppliedState.Text([AppliedState.Resource("aws_lb_target_group.a", group)], [])));

        Assert.Equal("aws_lb_target_group.a: health_check " + expected, fault.Message);
    }

    [Fact]
    public void Parse_GroupWithoutAHealthCheckBlock_IsCheckedAsTheLoadBalancerDoes()
    {
        var state = TerraformState.Parse(AppliedState.Text(
            [AppliedState.Resource("aws_lb_target_group.a", new { arn = AppliedState.GroupArn("a"), name = "a-name", port = 80, health_check = Array.Empty<object>() })],
            [
                AppliedState.Resource("""aws_lb_target_group.b["b"]""", new { arn = AppliedState.GroupArn("bb"), name = "b-name", port = 80, health_check = new[] { new { enabled = true, port = "8081" } }, target_group_health = new[] { new { unhealthy_state_routing = new[] { new { minimum_healthy_targets_count = 2, minimum_healthy_targets_percentage = "50" } } } } }),
                AppliedState.Resource("aws_lb_target_group.c", new { arn = AppliedState.GroupArn("ccc"), name = "c-name", health_check = new[] { new { enabled = false } } }),
            ]));

        Assert.Equal(["a-name", "b", "c-name"], state.TargetGroups.Select(g => g.Group.Name));
        var checks = state.TargetGroups.Select(g => g.Group.HealthCheck is { } c ? $"{c.Path} {c.Matcher} {c.Interval.TotalSeconds} {c.Timeout.TotalSeconds} {c.HealthyThreshold} {c.UnhealthyThreshold} {c.Port}" : "none");
        Assert.Equal(["/ 200 30 5 5 2 ", "/ 200 30 5 3 3 8081", "none"], checks);
        Assert.Equal(2, state.TargetGroups[1].Group.LeastHealthy);
        Assert.Contains("minimum_healthy_targets_percentage", Assert.Single(state.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WeightOrStatusThatNoLoadBalancerTakes_IsNamed()
    {
        var weight = new { type = "forward", forward = new[] { new { target_group = new[] { new { arn = AppliedState.GroupArn("a"), weight = -1 } } } } };
        var status = new { type = "fixed-response", fixed_response = new[] { new { status_code = "999", content_type = "text/plain" } } };
        Assert.Equal("aws_lb_listener_rule.x: weight -1 is not within 0 to 999", FaultOf(weight));
        Assert.Equal("aws_lb_listener_rule.x: status_code 999 is none of 2xx, 4xx, 5xx, which a fixed response takes", FaultOf(status));

        static string FaultOf(object action)
        {
            var rule = new { listener_arn = AppliedState.ListenerArn(9), priority = "1", condition = Array.Empty<object>(), action = new[] { action } };
            return Assert.Throws<InvalidDataException>(() => TerraformState.Parse(AppliedState.Text([AppliedState.Resource("aws_lb_listener_rule.x", rule)], []))).Message;
        }
    }

    [Fact]
    public void Parse_ResourceWithoutItsArn_IsNamed()
    {
        var state = AppliedState.Text([AppliedState.Resource("aws_lb_target_group.a", new { name = "a" })], []);
        Assert.Contains("aws_lb_target_group.a has no arn", Assert.Throws<InvalidDataException>(() => TerraformState.Parse(state)).Message, StringComparison.Ordinal);
    }

    private static RoutingTable Table(RoutingDocument document, params string[] direct)
    {
        Assert.Empty(RoutingTable.TryBuild(document, [.. direct.Select(d => IPNetwork.Parse(d))], out var table));
        return table!;
    }

    private static RoutingTable Applied(string json)
    {
        var state = TerraformState.Parse(json);
        Assert.Empty(state.Remarks);
        return state.TableOf(state.Listener(null));
    }

    // Lists in records compare by reference, so what they say is compared.
    private static void AssertSame(RoutingTable expected, RoutingTable actual)
    {
        Assert.Equal(expected.Rules.Select(Describe), actual.Rules.Select(Describe));
        Assert.Equal(expected.Default, actual.Default);
        Assert.Equal(expected.Targets.Keys.Order(), actual.Targets.Keys.Order());
        // A group without a check in the document is checked at the load balancer all the same.
        foreach (var (name, group) in expected.Targets)
        {
            var applied = actual.Targets[name];
            Assert.Equal(group with { HealthCheck = null }, applied with { HealthCheck = null });
            if (group.HealthCheck is { } check) Assert.Equal(check with { Matcher = applied.HealthCheck!.Matcher }, applied.HealthCheck);
            if (group.HealthCheck is { } same) Assert.Equal(same.Matcher.Text, applied.HealthCheck!.Matcher.Text);
        }
    }

    private static string Describe(ListenerRule rule) =>
        $"{rule.Priority} {rule.Name}: {string.Join("; ", rule.Conditions.Select(c => $"{c.Field} {string.Join(',', c.Values)}"))} -> {rule.Action switch { ForwardAction f => string.Join(',', f.Targets), var other => other.ToString() }} {rule.Rewrite} {rule.HostRewrite}";
}
