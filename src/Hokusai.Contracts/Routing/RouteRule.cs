namespace Hokusai.Contracts.Routing;

/// <summary>A listener rule as written. Conditions must all hold, of each one value is enough; exactly one of target, forward, redirect and fixed response says what happens.</summary>
public sealed record RouteRule
{
    /// <summary>Name of the rule, unique.</summary>
    public required string Name { get; init; }

    /// <summary>1 to 50,000, unique; the lowest that matches wins.</summary>
    public required int Priority { get; init; }

    /// <summary>Path patterns; absent for any path.</summary>
    public IReadOnlyList<string>? Paths { get; init; }

    /// <summary>Host patterns; absent for any host.</summary>
    public IReadOnlyList<string>? Hosts { get; init; }

    /// <summary>Methods; absent for any method.</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Networks in CIDR form from which the rule may be used; absent for any.</summary>
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary>Header conditions, each of which must hold.</summary>
    public IReadOnlyList<RouteHeader>? Headers { get; init; }

    /// <summary>Query conditions, each of which must hold.</summary>
    public IReadOnlyList<RouteQuery>? Query { get; init; }

    /// <summary>The one target group to forward to.</summary>
    public string? Target { get; init; }

    /// <summary>Several target groups to share the requests among.</summary>
    public IReadOnlyList<WeightedTarget>? Forward { get; init; }

    /// <summary>Where to send the client instead.</summary>
    public Redirect? Redirect { get; init; }

    /// <summary>What the load balancer answers itself.</summary>
    public FixedResponse? FixedResponse { get; init; }

    /// <summary>How path and query change on the way to the target; absent for not at all.</summary>
    public RewriteTransform? Rewrite { get; init; }

    /// <summary>How the Host header changes on the way to the target; absent for not at all.</summary>
    public RewriteTransform? HostRewrite { get; init; }

    /// <summary>Whether the rule goes past the gateway: it exists only where source networks are configured, and for those alone.</summary>
    public bool DirectAccess { get; init; }

    /// <summary>The names of all target groups that the rule forwards to.</summary>
    public IEnumerable<string> TargetNames => Target is not null ? [Target] : (Forward ?? []).Select(f => f.Target);
}

/// <summary>A condition on a header.</summary>
/// <param name="Name">The header's name, 40 characters at most, case-insensitive.</param>
/// <param name="Values">Patterns of its value, one of which must match; case-insensitive.</param>
public sealed record RouteHeader(string Name, IReadOnlyList<string> Values);

/// <summary>A condition on the query.</summary>
/// <param name="Values">What is looked for; one is enough.</param>
public sealed record RouteQuery(IReadOnlyList<QueryPattern> Values);

/// <summary>A field of the query that is looked for; patterns, case-insensitive.</summary>
/// <param name="Value">Pattern of the value.</param>
/// <param name="Key">Pattern of the key; absent for any key.</param>
public sealed record QueryPattern(string Value, string? Key = null);

/// <summary>A share of the requests for a target group.</summary>
/// <param name="Target">The target group.</param>
/// <param name="Weight">0 to 999; the share is the weight divided by the sum of all.</param>
public sealed record WeightedTarget(string Target, int Weight);

/// <summary>A regular expression and what takes the place of what it matches.</summary>
/// <param name="Regex">Expression; where it does not match, all stays as it is.</param>
/// <param name="Replace">Replacement, with <c>$1</c> for the first group.</param>
/// <remarks>Source: AWS, "Transforms for listener rules".</remarks>
public sealed record RewriteTransform(string Regex, string Replace);

/// <summary>A redirect; each part may hold <c>#{protocol}</c>, <c>#{host}</c>, <c>#{port}</c>, <c>#{path}</c> and <c>#{query}</c>.</summary>
/// <param name="Status">301 or 302.</param>
/// <param name="Protocol"><c>HTTP</c>, <c>HTTPS</c> or <c>#{protocol}</c>.</param>
/// <param name="Host">Host name.</param>
/// <param name="Port">Port.</param>
/// <param name="Path">Path with its leading slash.</param>
/// <param name="Query">Query without question mark.</param>
/// <remarks>Source: AWS, "Redirect actions".</remarks>
public sealed record Redirect(int Status, string Protocol = "#{protocol}", string Host = "#{host}", string Port = "#{port}", string Path = "/#{path}", string Query = "#{query}");

/// <summary>An answer that the load balancer gives itself.</summary>
/// <param name="Status">Status code, 2xx, 4xx or 5xx.</param>
/// <param name="ContentType">One of text/plain, text/css, text/html, application/javascript, application/json.</param>
/// <param name="Body">Body, 1,024 characters at most.</param>
public sealed record FixedResponse(int Status, string ContentType, string Body);
