namespace Hokusai.Gateway.Telemetry.Debugging;

/// <summary>Whose requests, or the requests for what, are logged in full until when.</summary>
/// <param name="Id">Names the rule when it is switched off.</param>
/// <param name="KeyId">The key's id; null for any key.</param>
/// <param name="Path">What the path begins with, as MLflow knows it; null for any path.</param>
/// <param name="ExpiresAt">When it ends by itself.</param>
/// <param name="SetBy">Id of the key that switched it on.</param>
internal sealed record DebugRule(string Id, string? KeyId, string? Path, DateTimeOffset ExpiresAt, string SetBy)
{
    public bool Matches(string? keyId, string path) => (KeyId is null || KeyId == keyId) && (Path is null || path.StartsWith(Path, StringComparison.Ordinal));
}

/// <summary>Which requests are logged in full. While there is no rule a request costs one read of a field.</summary>
internal sealed class DebugLogSwitch(TimeProvider time)
{
    /// <summary>More rules at once are somebody's mistake.</summary>
    public const int MostRules = 32;

    public static readonly TimeSpan LeastLifetime = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MostLifetime = TimeSpan.FromHours(24);

    private readonly Lock _writing = new();
    private volatile DebugRule[] _rules = [];

    /// <summary>Whether there may be a rule at all: the test before any other.</summary>
    public bool IsOn => _rules.Length > 0;

    /// <summary>The rule that a request falls under; null for none.</summary>
    public DebugRule? Match(string? keyId, string path)
    {
        var rules = _rules;
        if (rules.Length == 0) return null;
        var now = time.GetUtcNow();
        foreach (var rule in rules)
        {
            if (rule.ExpiresAt <= now)
            {
                DropExpired();
                continue;
            }
            if (rule.Matches(keyId, path)) return rule;
        }
        return null;
    }

    /// <summary>The rules in force.</summary>
    public IReadOnlyList<DebugRule> Rules()
    {
        DropExpired();
        return _rules;
    }

    /// <summary>Switches logging on; null if there are too many rules already. The lifetime is cut to <see cref="MostLifetime"/>.</summary>
    public DebugRule? Add(string? keyId, string? path, TimeSpan lifetime, string setBy)
    {
        var until = time.GetUtcNow() + (lifetime < MostLifetime ? lifetime : MostLifetime);
        var rule = new DebugRule(Guid.NewGuid().ToString("n")[..8], keyId, path, until, setBy);
        lock (_writing)
        {
            DropExpired();
            if (_rules.Length >= MostRules) return null;
            _rules = [.. _rules, rule];
        }
        return rule;
    }

    /// <summary>Switches one rule off, or all of them with null. Says which are gone.</summary>
    public IReadOnlyList<DebugRule> Remove(string? id)
    {
        lock (_writing)
        {
            var gone = Array.FindAll(_rules, r => id is null || r.Id == id);
            _rules = Array.FindAll(_rules, r => !gone.Contains(r));
            return gone;
        }
    }

    private void DropExpired()
    {
        lock (_writing)
        {
            var now = time.GetUtcNow();
            if (Array.Exists(_rules, r => r.ExpiresAt <= now)) _rules = Array.FindAll(_rules, r => r.ExpiresAt > now);
        }
    }
}
