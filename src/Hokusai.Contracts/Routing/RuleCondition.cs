using System.Net;

namespace Hokusai.Contracts.Routing;

/// <summary>A condition of a listener rule; it holds if one of its values does.</summary>
/// <remarks>Source: AWS, "Condition types for listener rules".</remarks>
public abstract record RuleCondition
{
    /// <summary>The condition's field as the load balancer names it.</summary>
    public abstract string Field { get; }

    /// <summary>The values, as text.</summary>
    public abstract IEnumerable<string> Values { get; }

    /// <summary>Whether the condition holds.</summary>
    /// <param name="request">The request.</param>
    public abstract bool Holds(ListenerRequest request);
}

/// <summary>The path, with the case of letters counting.</summary>
/// <param name="Patterns">Patterns, see <see cref="PathPattern"/>.</param>
public sealed record PathCondition(IReadOnlyList<string> Patterns) : RuleCondition
{
    /// <inheritdoc/>
    public override string Field => "path-pattern";

    /// <inheritdoc/>
    public override IEnumerable<string> Values => Patterns;

    /// <inheritdoc/>
    public override bool Holds(ListenerRequest request)
    {
        foreach (var pattern in Patterns)
        {
            if (PathPattern.Matches(pattern, request.Path)) return true;
        }
        return false;
    }
}

/// <summary>The host name, without port and whatever the case of letters.</summary>
/// <param name="Patterns">Patterns, see <see cref="PathPattern"/>.</param>
public sealed record HostCondition(IReadOnlyList<string> Patterns) : RuleCondition
{
    /// <inheritdoc/>
    public override string Field => "host-header";

    /// <inheritdoc/>
    public override IEnumerable<string> Values => Patterns;

    /// <inheritdoc/>
    public override bool Holds(ListenerRequest request) => Patterns.Any(p => PathPattern.MatchesIgnoringCase(p, request.Host));
}

/// <summary>The method, exactly.</summary>
/// <param name="Methods">Methods with their case.</param>
public sealed record MethodCondition(IReadOnlyList<string> Methods) : RuleCondition
{
    /// <inheritdoc/>
    public override string Field => "http-request-method";

    /// <inheritdoc/>
    public override IEnumerable<string> Values => Methods;

    /// <inheritdoc/>
    public override bool Holds(ListenerRequest request) => Methods.Contains(request.Method);
}

/// <summary>The address of the TCP peer; what <c>X-Forwarded-For</c> says does not count.</summary>
/// <param name="Networks">Networks, IPv4 or IPv6.</param>
public sealed record SourceCondition(IReadOnlyList<IPNetwork> Networks) : RuleCondition
{
    /// <inheritdoc/>
    public override string Field => "source-ip";

    /// <inheritdoc/>
    public override IEnumerable<string> Values => Networks.Select(n => n.ToString());

    /// <inheritdoc/>
    public override bool Holds(ListenerRequest request) => request.Source is { } source && Networks.Any(n => n.Contains(source));
}

/// <summary>The value of a header, whatever the case of letters; of a header that came several times each value is looked at.</summary>
/// <param name="Name">The header's name.</param>
/// <param name="Patterns">Patterns of the value.</param>
public sealed record HeaderCondition(string Name, IReadOnlyList<string> Patterns) : RuleCondition
{
    /// <inheritdoc/>
    public override string Field => "http-header";

    /// <inheritdoc/>
    public override IEnumerable<string> Values => Patterns.Select(p => $"{Name}: {p}");

    /// <inheritdoc/>
    public override bool Holds(ListenerRequest request) => request.Header(Name).Any(value => Patterns.Any(p => PathPattern.MatchesIgnoringCase(p, value)));
}

/// <summary>The fields of the query as they came over the wire, whatever the case of letters.</summary>
/// <param name="Patterns">What is looked for.</param>
public sealed record QueryCondition(IReadOnlyList<QueryPattern> Patterns) : RuleCondition
{
    /// <inheritdoc/>
    public override string Field => "query-string";

    /// <inheritdoc/>
    public override IEnumerable<string> Values => Patterns.Select(p => p.Key is null ? p.Value : $"{p.Key}={p.Value}");

    /// <inheritdoc/>
    public override bool Holds(ListenerRequest request)
    {
        ReadOnlySpan<char> query = request.Query;
        if (query.StartsWith('?')) query = query[1..];
        foreach (var range in query.Split('&'))
        {
            var field = query[range];
            if (field.IsEmpty) continue;
            var equals = field.IndexOf('=');
            var key = equals < 0 ? field : field[..equals];
            var value = equals < 0 ? [] : field[(equals + 1)..];
            foreach (var pattern in Patterns)
            {
                if ((pattern.Key is null || PathPattern.MatchesIgnoringCase(pattern.Key, key)) && PathPattern.MatchesIgnoringCase(pattern.Value, value)) return true;
            }
        }
        return false;
    }
}

/// <summary>A condition that a real listener may have and the miniature has not, such as a regular expression. It never holds.</summary>
/// <param name="Kind">Its field as the load balancer names it.</param>
/// <param name="Texts">Its values.</param>
public sealed record OtherCondition(string Kind, IReadOnlyList<string> Texts) : RuleCondition
{
    /// <inheritdoc/>
    public override string Field => Kind;

    /// <inheritdoc/>
    public override IEnumerable<string> Values => Texts;

    /// <inheritdoc/>
    public override bool Holds(ListenerRequest request) => false;
}
