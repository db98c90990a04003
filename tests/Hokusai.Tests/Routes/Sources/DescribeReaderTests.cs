using System.Net;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Sources;

namespace Hokusai.Tests.Routes.Sources;

/// <summary>What the AWS CLI writes, in any order and number of files.</summary>
public sealed class DescribeReaderTests
{
    [Fact]
    public void Read_EveryCondition_IsThatOfTheLoadBalancer()
    {
        var query = Aws.Query("v", "1*");
        ((JsonArray)query["QueryStringConfig"]!["Values"]!).Add(new JsonObject { ["Value"] = "x" });
        // Bits beyond the prefix do not count.
        var listener = new AwsListener().Rule(1, Aws.Forward("api"), [Aws.Path("/a"), Aws.Host("*.example.org"), Aws.Method("GET"), Aws.Source("10.1.2.3/8", "2001:db8::1/32"), Aws.Header("X-Beta", "1*"), query, Aws.PathRegex("^/x"), new JsonObject { ["Field"] = "new-field", ["Values"] = new JsonArray("y") }]);

        var conditions = listener.Read().Listeners[0].Rules[0].Rule.Conditions;

        Assert.Equal(["path-pattern", "host-header", "http-request-method", "source-ip", "http-header", "query-string", "path-pattern (regular expression)", "new-field"], conditions.Select(c => c.Field));
        Assert.Equal(["/a", "*.example.org", "GET", "10.0.0.0/8", "2001:db8::/32", "X-Beta: 1*", "v=1*", "x", "^/x", "y"], conditions.SelectMany(c => c.Values));
        Assert.True(((SourceCondition)conditions[3]).Holds(new ListenerRequest { Method = "GET", Path = "/", Source = IPAddress.Parse("10.200.0.1") }));
    }

    [Fact]
    public void Read_ValuesInTheFirstFormOfTheApi_AreRead()
    {
        var listener = new AwsListener().Rule(1, Aws.Forward("api"), [new JsonObject { ["Field"] = "path-pattern", ["Values"] = new JsonArray("/a", "/b") }]);
        Assert.Equal(["/a", "/b"], listener.Read().Listeners[0].Rules[0].Rule.Paths);
    }

    [Fact]
    public void Read_EveryAction_IsThatOfTheLoadBalancer()
    {
        var first = new JsonObject { ["Type"] = "authenticate-cognito", ["Order"] = 1 };
        var last = Aws.Forward(("api", 9), ("canary", 1));
        last["Order"] = 2;
        var listener = new AwsListener().Rule(1, [last, first], [Aws.Path("/a")]).Rule(2, Aws.ToHttps(), [Aws.Path("/b")]).Rule(3, Aws.Fixed(503), [Aws.Path("/c")]).Rule(4, new JsonObject { ["Type"] = "forward", ["TargetGroupArn"] = Aws.GroupArn("api") }, [Aws.Path("/d")]);

        var read = listener.Read();
        var rules = read.Listeners[0].Rules;

        Assert.Equal(["authenticate-cognito, then api (9) + canary (1)", "redirect 301 to HTTPS://#{host}:443/#{path}?#{query}", "fixed response 503 application/json", "api"], rules.Select(RuleText.Action));
        Assert.Equal("fixed response 404 application/json", RuleText.Of(read.Listeners[0].Default));
        // Nothing described the canary's group; its ARN is known from the rule.
        Assert.Equal((false, Aws.GroupArn("canary")), (read.Groups["canary"].IsDescribed, read.Groups["canary"].Arn));
    }

    [Fact]
    public void Read_SeveralListeners_AreToldApartByTheirRules()
    {
        var (https, http) = (AwsListener.Good(), new AwsListener("HTTP", 80, "2222222222222222").DefaultTo(Aws.ToHttps()));

        var named = Aws.Read([https, http], [Aws.Group("api", 8001)]).Listeners;
        Assert.Equal(["HTTPS:443", "HTTP:80"], named.Select(l => l.Name));
        Assert.Equal([5, 0], named.Select(l => l.Rules.Count));
        Assert.True(named[1].OnlySendsToHttps);

        // The rules alone, in any order of priority: a name by the listener's id.
        var bare = Aws.Read(("a.json", new AwsListener().Rule(20, "api", "/b").Rule(3, "api", "/a").Rules()), ("b.json", http.Rules())).Listeners;
        Assert.Equal(["listener 1111111111111111", "listener 2222222222222222"], bare.Select(l => l.Name));
        Assert.Equal([3, 20], bare[0].Rules.Select(r => r.Rule.Priority));
        Assert.Equal(AwsListener.LoadBalancer, bare[0].LoadBalancer);
    }

    [Fact]
    public void Read_ListenerWithoutRules_IsNoted()
    {
        var listener = AwsListener.Good();
        var source = Aws.Read(("l.json", listener.Listeners()));
        Assert.Equal("fixed response 404 application/json", RuleText.Of(source.Listeners[0].Default));
        Assert.Equal([$"HTTPS:443: only its default action was given; 'aws elbv2 describe-rules --listener-arn {listener.Arn}' has its rules"], source.Notes);
    }

    [Theory]
    [InlineData("health-api.json", "api")]
    [InlineData("out/API-canary.json", "api-canary")]
    [InlineData("api", "api")]
    [InlineData("targets.json", "mlflow")]
    public void Read_TargetHealth_BelongsToTheGroupOfItsLabelOrPort(string label, string group)
    {
        var port = group == "mlflow" ? 5000 : 8001;
        var source = Aws.Read(("r.json", new AwsListener().Rule(1, "api", "/a").Rules()), ("g.json", Aws.Groups(Aws.Group("api", 8001), Aws.Group("api-canary", 8001), Aws.Group("mlflow", 5000))), (label, Aws.Health(("10.0.0.1", port, "healthy", null))));

        Assert.Equal([group], source.Groups.Values.Where(g => g.Targets is not null).Select(g => g.Group.Name));
        Assert.Empty(source.Notes);
    }

    [Fact]
    public void Read_TargetHealthOfNobody_IsNotedAndLeftOut()
    {
        var source = Aws.Read(("r.json", new AwsListener().Rule(1, "api", "/a").Rules()), ("g.json", Aws.Groups(Aws.Group("api", 8001), Aws.Group("canary", 8001))), ("x.json", Aws.Health(("10.0.0.1", 8001, "healthy", null))), ("y.json", Aws.Delay(60)));

        Assert.Equal(["x.json: does not say which target group it is about, so it was left out; write it as GROUP=x.json", "y.json: does not say which target group it is about, so it was left out; write it as GROUP=y.json"], source.Notes);
        Assert.All(source.Groups.Values, group => Assert.Null(group.Targets));
    }

    [Fact]
    public void Read_PartOfAnAnswer_IsNoted() =>
        Assert.Equal(["r.json: is only a part of the answer; call the AWS CLI without --max-items and --no-paginate"], Aws.Read(("r.json", new AwsListener().Rule(1, "api", "/a").Rules().Replace("{\"Rules\":", "{\"NextToken\":\"abc\",\"Rules\":", StringComparison.Ordinal))).Notes);

    [Fact]
    public void Read_Group_HasItsFields()
    {
        var group = Aws.Read(("r.json", new AwsListener().Rule(1, "api", "/a").Rules()), ("g.json", Aws.Groups(Aws.Group("api", 8001, "HealthCheckPort", "9000"))), ("api.json", Aws.Delay(45))).Groups["api"];

        Assert.Equal((8001, "HTTP", "ip", 9000, TimeSpan.FromSeconds(45), true), (group.Group.Port, group.Group.Protocol, group.TargetType, group.CheckPort, group.Group.DeregistrationDelay, group.KnowsDelay));
        Assert.Equal("/health every 10 s, 5 s for an answer, 200 is well, 2 failures, 2 successes", RuleText.Of(group.Group.HealthCheck));
    }

    [Theory]
    [InlineData("""{"Rules":[{"RuleArn":"arn:r","Conditions":[],"Actions":[]}]}""", "rule 'arn:r' has no Priority")]
    [InlineData("""{"Rules":[{"Priority":"ten"}]}""", "Priority 'ten': is no whole number")]
    [InlineData("""{"Rules":[{"Priority":"1","Conditions":{"a":1}}]}""", "Conditions '{\"a\":1}': is not a list")]
    [InlineData("""{"Rules":[{"Priority":"1","Conditions":[{"Field":"source-ip","Values":["here"]}]}]}""", "source-ip 'here': is no network")]
    [InlineData("""{"Rules":[{"Priority":"1","Conditions":[{"Field":"source-ip","Values":["10.0.0.0/40"]}]}]}""", "source-ip '10.0.0.0/40': is no network")]
    [InlineData("""{"Rules":["text"]}""", "RuleArn '\"text\"': is not an object around it")]
    [InlineData("""{"TargetGroups":[]}""", "no rules among what was given; add the output of 'aws elbv2 describe-rules --listener-arn ARN'")]
    [InlineData("""{"Reservations":[]}""", "has none of Rules, TargetGroups, TargetHealthDescriptions, Attributes, Listeners")]
    public void Read_SomethingElse_IsNamed(string json, string fault) =>
        Assert.Equal(fault, Assert.Throws<InvalidDataException>(() => Aws.Read(("x.json", json))).Message);
}
