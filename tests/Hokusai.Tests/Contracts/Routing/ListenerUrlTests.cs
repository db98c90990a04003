using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Tests.Contracts.Routing;

/// <summary>The shipped table against the cases that the edge and the Terraform module answer too.</summary>
public sealed class ListenerUrlTests
{
    private static readonly IPNetwork[] DirectAccess = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8:40::/48")];

    [Fact]
    public void Match_EveryCase_TakesTheRuleAndSendsThePathThatIsWritten()
    {
        Assert.Empty(RoutingTable.TryBuild(RoutingDocument.Parse(Read("routes.json")), DirectAccess, out var table));
        using var cases = JsonDocument.Parse(Read(Path.Combine("cases", "listener-urls.json")));
        var differences = new List<string>();
        var count = 0;
        foreach (var one in cases.RootElement.EnumerateArray())
        {
            count++;
            var (rule, sent) = Answer(table!, one);
            var expected = (one.GetProperty("rule").GetString(), one.TryGetProperty("sent", out var text) ? text.GetString() : null);
            if ((rule, sent) != expected) differences.Add($"{one.GetProperty("id")}: {expected} was expected, {(rule, sent)} came");
        }
        Assert.Empty(differences);
        Assert.True(count >= 500, $"{count} cases are fewer than were promised");
    }

    private static (string? Rule, string? Sent) Answer(RoutingTable table, JsonElement one)
    {
        var path = one.GetProperty("path").GetString()!;
        var query = one.TryGetProperty("query", out var given) ? "?" + given.GetString() : "";
        var rule = table.Match(new ListenerRequest
        {
            Method = one.GetProperty("method").GetString()!,
            Host = one.GetProperty("host").GetString()!,
            Path = path,
            Query = query,
            Source = IPAddress.Parse(one.GetProperty("source").GetString()!),
        });
        return rule is null ? ("default", null) : (rule.Name, table.Rewrite(rule, path + query));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file));
}
