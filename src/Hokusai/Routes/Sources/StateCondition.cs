using System.Net;
using System.Text.Json;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Sources;

/// <summary>A condition block of a rule in a state.</summary>
internal static class StateCondition
{
    public static IEnumerable<RuleCondition> Read(StateResource rule, JsonElement condition)
    {
        if (StateValue.Block(condition, "path_pattern") is { } path) yield return RegexOr("path-pattern", path, new PathCondition(Values(path)));
        if (StateValue.Block(condition, "host_header") is { } host) yield return RegexOr("host-header", host, new HostCondition(Values(host)));
        if (StateValue.Block(condition, "http_request_method") is { } method) yield return new MethodCondition(Values(method));
        if (StateValue.Block(condition, "source_ip") is { } source) yield return new SourceCondition([.. Values(source).Select(s => Network(rule, s))]);
        if (StateValue.Block(condition, "http_header") is { } header) yield return RegexOr("http-header", header, new HeaderCondition(StateValue.Text(header, "http_header_name") ?? "", Values(header)));
        var query = StateValue.List(condition, "query_string").Select(q => new QueryPattern(StateValue.Text(q, "value") ?? "", StateValue.Text(q, "key") is { Length: > 0 } key ? key : null)).ToList();
        if (query.Count > 0) yield return new QueryCondition(query);
    }

    private static IReadOnlyList<string> Values(JsonElement block) => StateValue.Texts(block, "values");

    private static RuleCondition RegexOr(string field, JsonElement block, RuleCondition plain) => StateValue.Texts(block, "regex_values") is { Count: > 0 } regex ? new OtherCondition(field + " regex", regex) : plain;

    private static IPNetwork Network(StateResource rule, string text) =>
        IPNetwork.TryParse(text, out var network) ? network : throw new InvalidDataException($"{rule.Address}: source_ip '{text}' is no network such as 192.0.2.0/24");
}
