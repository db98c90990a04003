namespace Hokusai.Gateway.Sessions;

/// <summary>Settings of browsers' sessions.</summary>
public sealed record SessionOptions
{
    /// <summary>A secret has at least as many characters, so that nobody types one that can be guessed.</summary>
    internal const int LeastSecret = 32;

    /// <summary>The secret under which cookies are sealed; several gateways behind one load balancer need the same. Never shown.</summary>
    /// <value>At least 32 characters; default none: a random one, and sessions end with the process.</value>
    public string? Secret { get; init; }

    /// <summary>A file that holds such secrets, one a line: the first seals, the others still open what they sealed. Made with a random one if it is not there.</summary>
    /// <value>A path; default none. Not together with <see cref="Secret"/>.</value>
    public string? SecretFile { get; init; }

    /// <summary>How long a session lasts from its sign-in, used or not.</summary>
    /// <value>1 min to 7 days, default 8 h.</value>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(8);

    /// <summary>All faults at once.</summary>
    public IEnumerable<string> Faults()
    {
        var faults = new List<string>();
        if (Secret is { Length: > 0 and < LeastSecret }) faults.Add($"gateway sessionSecret: has {Secret.Length} characters; give at least {LeastSecret} random ones (openssl rand -base64 32)");
        if (Secret is { Length: > 0 } && SecretFile is { Length: > 0 }) faults.Add("gateway sessionSecret: is set together with sessionSecretFile; give one of them");
        OptionRange.Check(faults, "sessionLifetime", Lifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        return faults;
    }

    /// <summary>What may be shown: a record prints all that it holds.</summary>
    public override string ToString() => $"sessions of {Lifetime}";
}
