using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>URLs of clients that a listener's rules send somewhere else than to the service that they are for.</summary>
internal static class MisrouteFindings
{
    public static IEnumerable<Finding> Of(ListenerView listener, ReviewInput input)
    {
        if (listener.OnlySendsToHttps) return [];
        var mlflow = new Purpose("MLflow's URLs", Role.Api, ReviewInput.MlflowUrls, ReviewInput.Prefix);
        var keys = new Purpose("URLs of the auth service", Role.Auth, ReviewInput.KeysUrls, "/api/v1/keys");
        Purpose[] purposes = input.Roles.Groups(Role.Auth).Count > 0 ? [mlflow, keys] : [mlflow];
        return purposes.SelectMany(purpose => listener.Rules.SelectMany(rule => OfRule(listener, rule, purpose, input)).Concat(OfDefault(listener, purpose, input)));
    }

    private static IEnumerable<Finding> OfRule(ListenerView listener, RuleView rule, Purpose purpose, ReviewInput input)
    {
        var taken = Taken(listener, rule, purpose, input);
        if (taken.Count == 0) yield break;
        var at = $"{listener.Name}, {rule.Label}";
        var (first, sample) = (taken[0], Sample(listener, rule.Rule, taken[0]));
        var more = taken.Count > 1 ? $" (and {taken.Count - 1} more URLs)" : "";
        var wrong = ReviewInput.Receivers(rule.Rule.Action).Where(group => input.Roles.Of(group) != purpose.Role).ToList();
        if (wrong.Count > 0)
        {
            var shown = wrong.Select(group => $"{group}{(input.Roles.Of(group) == Role.Unknown ? "" : $" ({Roles.Word(input.Roles.Of(group))})")}");
            yield return new(Severity.Error, "misroute", at, $"sends {purpose.Name} to {string.Join(" and ", shown)} instead of {Roles.Word(purpose.Role)}", $"{sample}{more} goes to {string.Join(" + ", wrong)}{Consequence(listener, rule, first, wrong, input)}", Mend(listener, rule, purpose, input));
        }
        else if (rule.Rule.Action is FixedResponseAction)
        {
            yield return new(Severity.Error, "unrouted", at, $"answers {purpose.Name} itself", $"{sample}{more}: {RuleText.Of(rule.Rule.Action)}", Mend(listener, rule, purpose, input));
        }
        else if (rule.Rule.Action is RedirectAction && !(listener.Protocol == "HTTP" && ListenerView.IsToHttps(rule.Rule.Action)))
        {
            yield return new(Severity.Warning, "redirected", at, $"redirects {purpose.Name}", $"{sample}{more}: {RuleText.Of(rule.Rule.Action)}; clients make a GET of a POST that is redirected, and may drop the key", Mend(listener, rule, purpose, input));
        }
        else if (purpose.Role == Role.Api && rule.Rule.Rewrite is not null && taken.Where(t => Gateway(listener, rule, t) is { Endpoint: null, IsOwn: false }).ToList() is [var unknown, ..])
        {
            yield return new(Severity.Error, "rewrite", at, "rewrites the path to one that the gateway does not know", $"{Sample(listener, rule.Rule, unknown)} arrives as {listener.Table.Rewrite(rule.Rule, unknown.Path)} and is answered 404", input.Remedies.SetTarget(rule, ReviewInput.Receivers(rule.Rule.Action)[0]));
        }
    }

    private static IEnumerable<Finding> OfDefault(ListenerView listener, Purpose purpose, ReviewInput input)
    {
        // A listener for other things, beside one that serves this.
        if (!Serves(listener, input) && input.Source.Listeners.Any(l => Serves(l, input))) yield break;
        var left = purpose.Urls.SelectMany(url => input.Hosts.Select(host => (url.Method, url.Path, Host: host)))
            .Where(url => url.Path != ReviewInput.Prefix && listener.Match(new ListenerRequest { Method = url.Method, Path = url.Path, Host = url.Host }) is null).ToList();
        if (left.Count == 0 || listener.Default is OtherAction) yield break;
        var receivers = ReviewInput.Receivers(listener.Default);
        if (receivers.Count > 0 && receivers.All(group => input.Roles.Of(group) == purpose.Role)) yield break;
        if (listener.Protocol == "HTTP" && ListenerView.IsToHttps(listener.Default)) yield break;
        var evidence = $"{left[0].Method} {ReviewInput.Url(listener, left[0].Host, left[0].Path)}{(left.Count > 1 ? $" (and {left.Count - 1} more URLs)" : "")}: {RuleText.Of(listener.Default)}";
        var remedy = Make(listener, input.Remedies.TakeFrom(listener, 1), purpose, input);
        if (receivers.Count > 0) yield return new(Severity.Error, "misroute", $"{listener.Name}, default", $"sends {purpose.Name} to {string.Join(" and ", receivers)} instead of {Roles.Word(purpose.Role)}", evidence, remedy);
        else yield return new(Severity.Error, "unrouted", $"{listener.Name}, default", $"gets {(left.Count >= purpose.Urls.Count - 1 ? purpose.Name : $"some of {purpose.Name}")}, which no rule takes", evidence, remedy);
    }

    private static bool Serves(ListenerView listener, ReviewInput input) => listener.Rules.Select(r => r.Rule.Action).Append(listener.Default).Any(a => input.Sends(a, Role.Api) || input.Sends(a, Role.Mlflow) || input.Sends(a, Role.Auth));

    // The URLs that this rule gets, its own further conditions fulfilled: a header that leads past the gateway is a way past it too.
    private static List<(string Method, string Path, string Host)> Taken(ListenerView listener, RuleView rule, Purpose purpose, ReviewInput input)
    {
        var hosts = rule.Rule.Conditions.OfType<HostCondition>().FirstOrDefault();
        var known = hosts is null ? input.Hosts : [.. input.Hosts.Where(host => hosts.Holds(new ListenerRequest { Method = "GET", Path = "/", Host = host }))];
        // Other hosts are other services, unless the rule itself is about these paths.
        if (known.Count == 0 && rule.Rule.Paths.Any(p => PathPattern.Covers(purpose.Prefix + "*", p))) known = [SampleRequest.Text(hosts!.Patterns[0])];
        return [.. purpose.Urls.SelectMany(url => known.Select(host => (url.Method, url.Path, Host: host))).Where(url => IsTaken(listener, rule, SampleRequest.For(rule.Rule, url.Method, url.Path, url.Host)))];
    }

    private static bool IsTaken(ListenerView listener, RuleView rule, ListenerRequest request) => rule.Rule.Takes(request) && ReferenceEquals(listener.Match(request), rule);

    private static string Sample(ListenerView listener, ListenerRule rule, (string Method, string Path, string Host) url) => $"{url.Method} {ReviewInput.Url(listener, url.Host, url.Path)}{SampleRequest.Special(rule)}";

    private static GatewayRoute Gateway(ListenerView listener, RuleView rule, (string Method, string Path, string Host) url) => GatewayRoute.Of(url.Method, RawTarget.PathOf(listener.Table.Rewrite(rule.Rule, url.Path)).ToString());

    private static string Consequence(ListenerView listener, RuleView rule, (string Method, string Path, string Host) url, List<string> wrong, ReviewInput input)
    {
        if (!wrong.Any(group => input.Roles.Of(group) == Role.Mlflow)) return "";
        var path = listener.Table.Rewrite(rule.Rule, url.Path);
        return path.StartsWith(ReviewInput.Prefix, StringComparison.Ordinal)
            ? $", past the key check, as {path}: the load balancer cuts no prefix, and MLflow answers 404"
            : $", past the key check, as {path}";
    }

    private static string Mend(ListenerView listener, RuleView rule, Purpose purpose, ReviewInput input)
    {
        // What is about /api alone belongs to the API service; anything wider may have other work to do, so a rule goes before it.
        var isOurs = rule.Rule.Paths.Count > 0 && rule.Rule.Paths.All(p => PathPattern.Covers(purpose.Prefix + "*", p) || (purpose.Role == Role.Api && PathPattern.Covers("/api*", p) && !PathPattern.Covers("/api/v1/keys*", p)));
        return isOurs ? input.Remedies.SetTarget(rule, input.GroupFor(purpose.Role)) : Insert(listener, rule, purpose, input);
    }

    // A rule that is there and comes too late is moved; else one is made. Where nothing is free before the rule, it makes room.
    private static string Insert(ListenerView listener, RuleView before, Purpose purpose, ReviewInput input)
    {
        var later = listener.Rules.FirstOrDefault(r => r.Rule.Priority > before.Rule.Priority && r.Rule.Paths.Contains(purpose.Prefix + "/*") && r.Rule.Conditions.Count == 1 && ReviewInput.Receivers(r.Rule.Action) is { Count: > 0 } to && to.All(g => input.Roles.Of(g) == purpose.Role));
        var free = input.Remedies.TakeBefore(listener, before.Rule.Priority);
        var change = later is not null ? input.Remedies.SetPriority(later, free ?? before.Rule.Priority) : Make(listener, free ?? before.Rule.Priority, purpose, input);
        return free is not null ? change : $"{input.Remedies.SetPriority(before, input.Remedies.TakeFrom(listener, listener.Rules[^1].Rule.Priority + 1))}\n{change}";
    }

    private static string Make(ListenerView listener, int priority, Purpose purpose, ReviewInput input) =>
        input.Remedies.Create(listener, priority, [new PathCondition([purpose.Prefix, purpose.Prefix + "/*"])], new ForwardAction(input.GroupFor(purpose.Role)));

    /// <summary>URLs that belong to one service.</summary>
    private sealed record Purpose(string Name, Role Role, IReadOnlyList<(string Method, string Path)> Urls, string Prefix);
}
