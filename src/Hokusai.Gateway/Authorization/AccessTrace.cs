namespace Hokusai.Gateway.Authorization;

/// <summary>One rule that was asked, and what it said.</summary>
/// <param name="Rule">Its name, for example <c>scope</c>.</param>
/// <param name="Allows">Whether it lets the request through; null if it does not decide.</param>
/// <param name="Text">What it looked at and found.</param>
public sealed record AccessRule(string Rule, bool? Allows, string Text);

/// <summary>The rules that were asked about a request, in order, for people. Requests of clients have none.</summary>
internal sealed class AccessTrace
{
    private readonly List<AccessRule> _rules = [];

    public IReadOnlyList<AccessRule> Rules => _rules;

    public void Add(string rule, bool? allows, string text) => _rules.Add(new AccessRule(rule, allows, text));
}
