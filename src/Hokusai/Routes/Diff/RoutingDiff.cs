using System.Net;
using Hokusai.Contracts.Routing;
using Hokusai.Routes.Review;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Diff;

/// <summary>The requests that take another way in one routing than in another.</summary>
/// <param name="Compared">How many requests were put to both.</param>
/// <param name="Changes">Those that differ.</param>
/// <param name="Unpaired">Listeners that only one of the two has.</param>
internal sealed record RoutingDiff(int Compared, IReadOnlyList<RouteChange> Changes, IReadOnlyList<string> Unpaired)
{
    // Paths that no client should send and some do, beside what the rules and the catalogue have.
    private static readonly string[] Probes = ["/", "/health", "/api", "/api/", "/apix", "/api/mlflow/", "/API/mlflow", "/api%2Fmlflow/x", "/api//mlflow", "/api/v1/keys", "/api/v1/keys/x", "/api/v1/other", "/mlflow", "/mlflow/", "/mlflow/../api", "/mlflow/ajax-api/2.0/mlflow/experiments/search", "/x"];

    public bool IsEmpty => Changes.Count == 0 && Unpaired.Count == 0;

    public static RoutingDiff Of(RoutingSource old, RoutingSource now)
    {
        // A routes file has names of its own for target groups: between two forms what stands behind them is compared.
        Func<RoutingSource, Func<string, string>> names = old.Form == now.Form ? _ => name => name : ByRole;
        var (nameOld, nameNow) = (names(old), names(now));
        var pairs = Pairs(old, now);
        var (compared, changes) = (0, new List<RouteChange>());
        foreach (var (before, after) in pairs)
        {
            var seen = new HashSet<(string, string, string, string)>();
            foreach (var (request, special) in Requests(before, after).Where(r => seen.Add((r.Request.Method, r.Request.Host, r.Request.Path, r.Special))))
            {
                compared++;
                var (was, becomes) = (Outcome.Of(before, request, nameOld), Outcome.Of(after, request, nameNow));
                if (was != becomes) changes.Add(new RouteChange(after.Name, $"{request.Method} {ReviewInput.Url(after, request.Host, request.Path)}{(request.Query.Length > 0 ? $"?{request.Query}" : "")}{special}", was, becomes));
            }
        }
        return new RoutingDiff(compared, changes, [.. Alone(old, now, pairs.Select(p => p.Old), "is gone"), .. Alone(now, old, pairs.Select(p => p.New), "is new")]);
    }

    // What sends clients on to HTTPS is not in a routes file.
    private static IEnumerable<string> Alone(RoutingSource source, RoutingSource other, IEnumerable<ListenerView> paired, string what) =>
        source.Listeners.Except(paired).Where(l => source.Form == other.Form || !l.OnlySendsToHttps).Select(l => $"{l.Name} {what}");

    private static Func<string, string> ByRole(RoutingSource source)
    {
        var roles = new Roles(source, new Dictionary<string, Role>());
        return group => roles.Of(group) is var role && role == Role.Unknown ? group : Roles.Word(role);
    }

    /// <summary>The networks from which a routing lets clients past the gateway.</summary>
    public static IReadOnlyList<IPNetwork> DirectAccessOf(RoutingSource source)
    {
        var roles = new Roles(source, new Dictionary<string, Role>());
        return [.. source.Listeners.SelectMany(l => l.Rules).Where(r => ReviewInput.Receivers(r.Rule.Action).Any(g => roles.Of(g) == Role.Mlflow)).SelectMany(r => r.Rule.Conditions.OfType<SourceCondition>()).SelectMany(s => s.Networks).Distinct()];
    }

    // By port. A routes file has none, and stands for each listener that does more than send clients on to HTTPS.
    private static List<(ListenerView Old, ListenerView New)> Pairs(RoutingSource old, RoutingSource now)
    {
        var mixed = old.Form != now.Form;
        return [.. from before in old.Listeners from after in now.Listeners where before.Port is null || after.Port is null ? !mixed || (!before.OnlySendsToHttps && !after.OnlySendsToHttps) : before.Port == after.Port select (before, after)];
    }

    private static IEnumerable<(ListenerRequest Request, string Special)> Requests(ListenerView old, ListenerView now)
    {
        var rules = old.Rules.Concat(now.Rules).Select(r => r.Rule).ToList();
        var hosts = rules.SelectMany(r => r.Conditions).OfType<HostCondition>().SelectMany(h => h.Patterns.Select(SampleRequest.Text)).Prepend(SampleRequest.Host).Distinct().ToList();
        var urls = ReviewInput.MlflowUrls.Concat(ReviewInput.KeysUrls).Concat(ReviewInput.MlflowUrls.Select(u => (u.Method, Path: u.Path[4..]))).Concat(Probes.Select(p => (Method: "GET", Path: p))).ToList();
        foreach (var (method, path) in urls)
        {
            foreach (var host in hosts) yield return (new ListenerRequest { Method = method, Path = path, Host = host }, "");
        }
        foreach (var rule in rules)
        {
            var methods = rule.Conditions.OfType<MethodCondition>().FirstOrDefault()?.Methods ?? ["GET"];
            foreach (var path in (rule.Paths.Count > 0 ? rule.Paths : ["/x"]).SelectMany(Samples))
            {
                foreach (var method in methods) yield return (SampleRequest.For(rule, method, path), SampleRequest.Special(rule));
                foreach (var host in hosts) yield return (new ListenerRequest { Method = methods[0], Path = path, Host = host }, "");
            }
        }
        // What a rule asks for beside the path may lead any URL elsewhere.
        foreach (var rule in rules.Where(r => SampleRequest.Special(r).Length > 0))
        {
            foreach (var (method, path) in urls.Where(u => rule.Paths.Count == 0 || rule.Paths.Any(p => PathPattern.Matches(p, u.Path)))) yield return (SampleRequest.For(rule, method, path), SampleRequest.Special(rule));
        }
    }

    private static string[] Samples(string pattern) => [SampleRequest.Text(pattern), pattern.Replace("*", "", StringComparison.Ordinal).Replace('?', 'x')];
}

/// <summary>A request that takes another way.</summary>
/// <param name="Listener">At which listener.</param>
/// <param name="Request">The request.</param>
/// <param name="Old">Where it went.</param>
/// <param name="New">Where it goes.</param>
internal sealed record RouteChange(string Listener, string Request, Outcome Old, Outcome New);

/// <summary>What becomes of a request.</summary>
/// <param name="Action">The action in words.</param>
/// <param name="Path">The path at the target; null if it is unchanged or nothing is sent on.</param>
/// <param name="Host">The Host header at the target; null if it is unchanged.</param>
internal sealed record Outcome(string Action, string? Path, string? Host)
{
    public static Outcome Of(ListenerView listener, ListenerRequest request, Func<string, string> name)
    {
        var rule = listener.Match(request);
        var action = rule?.Rule.Action ?? listener.Default;
        var text = string.Join(", then ", [.. rule?.Before ?? [], RuleText.Of(action is ForwardAction forward ? new ForwardAction([.. forward.Targets.Select(t => t with { Target = name(t.Target) })]) : action)]);
        if (rule is null || action is not ForwardAction) return new Outcome(text, null, null);
        var (path, host) = (listener.Table.Rewrite(rule.Rule, request.Path), listener.Table.RewriteHost(rule.Rule, request.Host));
        return new Outcome(text, path == request.Path ? null : path, host == request.Host ? null : host);
    }

    public override string ToString() => $"{Action}{(Path is null ? "" : $" as {Path}")}{(Host is null ? "" : $" for host {Host}")}";
}
