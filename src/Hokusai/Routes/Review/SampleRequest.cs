using System.Net;
using Hokusai.Contracts.Routing;

namespace Hokusai.Routes.Review;

/// <summary>Requests that fulfil what a rule asks for beside the path.</summary>
internal static class SampleRequest
{
    /// <summary>A host name for requests to listeners whose rules ask for none.</summary>
    public const string Host = "registry.example.org";

    /// <summary>A request for a path that a rule's other conditions hold for.</summary>
    public static ListenerRequest For(ListenerRule rule, string method, string path, string host = Host)
    {
        var headers = rule.Conditions.OfType<HeaderCondition>().Select(h => (h.Name, Value: Text(h.Patterns is [var first, ..] ? first : ""))).ToList();
        return new ListenerRequest
        {
            Method = method,
            Path = path,
            Host = rule.Conditions.OfType<HostCondition>().FirstOrDefault() is { } hosts && !hosts.Holds(new ListenerRequest { Method = method, Path = path, Host = host }) ? Text(hosts.Patterns is [var first, ..] ? first : host) : host,
            Query = string.Join('&', rule.Conditions.OfType<QueryCondition>().SelectMany(q => q.Patterns.Take(1)).Select(q => $"{Text(q.Key ?? "q")}={Text(q.Value)}")),
            Source = rule.Conditions.OfType<SourceCondition>().FirstOrDefault()?.Networks.Select(n => (IPAddress?)n.BaseAddress).FirstOrDefault(),
            Header = name => headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value),
        };
    }

    /// <summary>A text that a pattern matches.</summary>
    public static string Text(string pattern) => pattern.Replace('*', 'x').Replace('?', 'x');

    /// <summary>What of a request is special beside method, host and path; empty if nothing is.</summary>
    public static string Special(ListenerRule rule) =>
        string.Concat(rule.Conditions.Where(c => c is HeaderCondition or QueryCondition or SourceCondition).Select(c => $", with {Sources.RuleText.Of(c)}"));
}
