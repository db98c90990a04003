using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Stub;

/// <summary>Mistakes in a configuration that is fine without them: each must be caught, as early as it can be, with a message that names it.</summary>
public sealed class MistakeTests(StubbedAws aws)
{
    /// <summary>A mistake: what is replaced in the sample, the command that catches it, and what its message says.</summary>
    public static TheoryData<string, string, string, string, string> Mistakes => new()
    {
        // What the schema says.
        { "typo in an argument", "target_type = \"ip\"", "target_typ = \"ip\"", "validate", "An argument named \"target_typ\" is not expected here" },
        { "required argument missing", "  alarm_name          = \"hokusai-502\"\n", "", "validate", "The argument \"alarm_name\" is required" },
        { "required block missing", "  default_action {\n    type = \"fixed-response\"\n    fixed_response {\n      content_type = \"text/plain\"\n      message_body = \"none\"\n      status_code  = \"404\"\n    }\n  }\n", "", "validate", "At least 1 \"default_action\" blocks are required" },
        { "text for a number", "evaluation_periods  = 1", "evaluation_periods = \"one\"", "validate", "evaluation_periods" },
        { "text for a set", "security_groups = [aws_security_group.this.id]\n}\n\nresource \"aws_lb_target_group\"", "security_groups = \"sg-1\"\n}\n\nresource \"aws_lb_target_group\"", "validate", "set of string required" },
        { "resource not declared", "load_balancer_arn = aws_lb.this.arn", "load_balancer_arn = aws_lb.other.arn", "validate", "has not been declared" },
        { "attribute that is not there", "LoadBalancer = aws_lb.this.arn_suffix", "LoadBalancer = aws_lb.this.arn_sufix", "validate", "This object has no argument, nested block, or exported attribute named \"arn_sufix\"" },
        { "instance key missing", "value = aws_lb_target_group.api.arn", "value = aws_lb_listener_rule.this.arn", "validate", "Missing resource instance key" },
        { "too many blocks", "  health_check {\n    path", "  health_check {\n    path = \"/\"\n  }\n  health_check {\n    path", "validate", "No more than 1 \"health_check\" blocks are allowed" },
        { "unknown resource type", "resource \"aws_ecs_cluster\" \"this\"", "resource \"aws_ecs_clusters\" \"this\"", "validate", "does not support resource type \"aws_ecs_clusters\"" },
        { "block written as an argument", "  health_check {\n    path     = \"/health\"\n    interval = 10\n    timeout  = 5\n  }", "  health_check = [{ path = \"/health\" }]", "validate", "Did you mean to define a block of type \"health_check\"" },
        { "value for what AWS decides", "  name            = \"hokusai\"\n  subnets", "  dns_name        = \"x\"\n  name            = \"hokusai\"\n  subnets", "validate", "dns_name" },
        { "unknown provider argument", "  region = \"eu-central-1\"", "  region = \"eu-central-1\"\n  zone = \"a\"", "validate", "An argument named \"zone\" is not expected here" },
        { "cycle", "cidr_block = \"192.0.2.0/24\"", "cidr_block = aws_subnet.this[0].cidr_block", "validate", "Cycle" },
        { "instance key that is not there", "value = aws_lb_target_group.api.arn", "value = aws_lb_listener_rule.this[\"c\"].arn", "plan", "Invalid index" },

        // What AWS's descriptions say.
        { "unknown action", "type             = \"forward\"", "type             = \"forwards\"", "validate", "\"forwards\" is not one of forward," },
        { "unknown comparison", "\"GreaterThanThreshold\"", "\"Greater\"", "validate", "\"Greater\" is not one of GreaterThanOrEqualToThreshold" },
        { "unknown protocol", "protocol    = \"HTTP\"", "protocol    = \"HTTP2\"", "validate", "\"HTTP2\" is not one of HTTP, HTTPS" },
        { "priority out of range", "b = 20", "b = 60000", "plan", "60000: at most 50000 is allowed" },
        { "status that a fixed response can't have", "status_code  = \"404\"", "status_code  = \"304\"", "validate", "\"304\" does not match" },
        { "unknown field of a container", "containerPort = 8001", "containerPorts = 8001", "validate", "$[0].portMappings[0].containerPorts: there is no such field" },

        // What neither says.
        { "two priorities alike", "b = 20", "b = 10", "apply", "there is one with listener_arn" },
        { "six values", "values = [\"/${each.key}\", \"/${each.key}/*\"]", "values = [\"/1\", \"/2\", \"/3\", \"/4\", \"/5\", \"/6\"]", "validate", "the rule has 6 condition values, and 5 are allowed" },
        { "ARN of another kind", "target_group_arn = aws_lb_target_group.api.arn\n  }", "target_group_arn = aws_lb.this.arn\n  }", "apply", "is not a arn:elasticloadbalancing:targetgroup/" },
        { "arguments that exclude each other", "  name_prefix = \"lb-\"", "  name        = \"lb\"\n  name_prefix = \"lb-\"", "validate", "name and name_prefix exclude each other" },
        { "timeout above the interval", "timeout  = 5", "timeout  = 15", "validate", "timeout 15 s must be below interval 10 s" },
        { "size that Fargate has not", "memory                   = \"512\"", "memory                   = \"4096\"", "validate", "Fargate has no task with cpu 256 and memory 4096" },
        { "broken JSON", "jsonencode([{\n    name         = \"api\"\n    image        = \"hokusai:1\"\n    essential    = true\n    portMappings = [{ containerPort = 8001 }]\n    environment  = [{ name = \"A\", value = \"B\" }]\n  }])", "\"[{\"", "validate", "it is not JSON" },
        { "network with host bits", "cidr_ipv4         = \"192.0.2.0/24\"", "cidr_ipv4         = \"192.0.2.1/24\"", "validate", "\"192.0.2.1/24\" is no network" },
        { "no source for a security group rule", "  cidr_ipv4         = \"192.0.2.0/24\"\n", "", "validate", "exactly one of cidr_ipv4, cidr_ipv6, prefix_list_id, referenced_security_group_id is needed" },
        { "statistic that is none", "statistic           = \"Sum\"", "statistic           = \"Total\"", "validate", "\"Total\" is not one of SampleCount" },
        { "trust for nobody's action", "actions = [\"sts:AssumeRole\"]", "actions = [\"AssumeRole\"]", "plan", "\"AssumeRole\" is not SERVICE:ACTION" },
    };

    [Theory(Timeout = Deadlines.TerraformTest)]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsCaught(string name, string find, string replacement, string command, string message)
    {
        using var run = await Sample.CopyAsync(aws);
        run.Edit("main.tf", find, replacement);
        await run.InitAsync();
        string[][] commands = [["validate", "-json"], ["plan", "-json", "-out=plan"], ["apply", "-json", "plan"]];
        foreach (var step in commands)
        {
            var result = await run.RunAsync(step);
            if (step[0] != command)
            {
                result.AssertCode(0);
                continue;
            }
            Assert.True(result.Code == 1, $"{name}: terraform {command} let it pass");
            Assert.Contains(result.Faults, fault => fault.Contains(message, StringComparison.Ordinal));
            return;
        }
    }
}
