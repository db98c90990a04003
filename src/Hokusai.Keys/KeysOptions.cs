using System.Globalization;
using System.Net;
using Hokusai.Keys.Peppers;
using Hokusai.Storage;

namespace Hokusai.Keys;

/// <summary>Settings of the auth service.</summary>
public sealed record KeysOptions
{
    /// <summary>The environment variable that holds the pepper, 32 bytes in base64, if <see cref="Peppers"/> names none. It goes before <see cref="PepperFile"/>.</summary>
    public const string PepperVariable = "HOKUSAI_KEYS_PEPPER";

    private static readonly TimeSpan LeastDeadline = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostDeadline = TimeSpan.FromMinutes(1);

    /// <summary>Where keys are kept, as hashes.</summary>
    /// <value><c>sqlite:///FILE</c> or <c>postgresql://USER:PASSWORD@HOST:PORT/NAME</c>; default <c>sqlite:///keys.db</c> in the current folder.</value>
    public string StoreUri { get; init; } = "sqlite:///keys.db";

    /// <summary>File with the secret that goes into each hash. Made at the first start, readable by its owner only. Without it no stored key can ever be checked again. The environment's <c>HOKUSAI_KEYS_PEPPER</c> (32 bytes in base64) goes before it.</summary>
    /// <value>A path; default <c>keys.pepper</c> in the current folder.</value>
    public string PepperFile { get; init; } = "keys.pepper";

    /// <summary>Several secrets with an id each, the newest first: new hashes are made with it, keys that were hashed with another one are hashed again when they are next seen. The only one, from file or environment, has the id 1.</summary>
    /// <value><c>ID=file:PATH</c>, <c>ID=env:VARIABLE</c> or <c>ID=secret:NAME</c> (AWS Secrets Manager) each; default none.</value>
    public IReadOnlyList<string> Peppers { get; init; } = [];

    /// <summary>Where AWS Parameter Store is asked for secrets, if not at its own address in the region.</summary>
    /// <value>An http or https address; default none.</value>
    public string? SecretsEndpoint { get; init; }

    /// <summary>How long reading one secret may take, with all tries.</summary>
    /// <value>1 s to 1 minute; default 10 s.</value>
    public TimeSpan SecretsDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Services that may ask for the validation of keys, by the id that they send.</summary>
    /// <value>At least one; default <c>hokusai-gateway</c>.</value>
    public IReadOnlyList<string> Services { get; init; } = ["hokusai-gateway"];

    /// <summary>Where administration is offered. Gateways and load balancers have no business there.</summary>
    /// <value>An IP address or localhost; default 127.0.0.1.</value>
    public string AdminHost { get; init; } = "127.0.0.1";

    /// <summary>Port of the administration.</summary>
    /// <value>0 to 65535, 0 takes a free one; default 8003.</value>
    public int AdminPort { get; init; } = 8003;

    /// <summary>How long a rotated key works beside its successor at most, when nobody says otherwise.</summary>
    /// <value>0 to 90 days; default 1 day.</value>
    public TimeSpan RotationOverlap { get; init; } = TimeSpan.FromDays(1);

    /// <summary>For how long a rotated key must not have been used, while its successor is in use, for the overlap to end early. Reports of use are some seconds late.</summary>
    /// <value>1 minute to 90 days; default 1 hour.</value>
    public TimeSpan RotationSilence { get; init; } = TimeSpan.FromHours(1);

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (!DatabaseLocation.TryParse(StoreUri, out _, out var fault)) faults.Add($"keys storeUri '{StoreUri.Split('@')[^1]}': {fault}");
        if (string.IsNullOrWhiteSpace(PepperFile)) faults.Add("keys pepperFile: is empty; name a file");
        var peppers = new List<PepperSource>();
        foreach (var (text, i) in Peppers.Select((text, i) => (text, i)))
        {
            // What stands there may be the secret itself, so it is not repeated.
            if (PepperSource.TryParse(text, out var source)) peppers.Add(source);
            else faults.Add($"keys peppers: entry {i + 1} names no pepper; write ID=file:PATH, ID=env:VARIABLE or ID=secret:NAME");
        }
        foreach (var twins in peppers.GroupBy(pepper => pepper.Id).Where(twins => twins.Count() > 1)) faults.Add($"keys peppers: the id '{twins.Key}' is given to {twins.Count()} peppers; each needs its own");
        if (SecretsEndpoint is not null && !(Uri.TryCreate(SecretsEndpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")) faults.Add($"keys secretsEndpoint '{SecretsEndpoint}': write http://HOST:PORT");
        if (SecretsDeadline < LeastDeadline || SecretsDeadline > MostDeadline)
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"keys secretsDeadline '{SecretsDeadline:c}': must be {LeastDeadline:c} to {MostDeadline:c}"));
        if (Services.Count == 0) faults.Add("keys services: none named, so no gateway could ask; name at least hokusai-gateway");
        if (AdminHost != "localhost" && !IPAddress.TryParse(AdminHost, out _)) faults.Add($"keys adminHost '{AdminHost}': give an IP address to listen on, such as 127.0.0.1, or localhost");
        if (AdminPort is < 0 or > 65535) faults.Add($"keys adminPort {AdminPort}: must be 0 to 65535");
        CheckTime(faults, "rotationOverlap", RotationOverlap, TimeSpan.Zero, TimeSpan.FromDays(90));
        CheckTime(faults, "rotationSilence", RotationSilence, TimeSpan.FromMinutes(1), TimeSpan.FromDays(90));
        return faults;
    }

    private static void CheckTime(List<string> faults, string setting, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most) faults.Add(string.Create(CultureInfo.InvariantCulture, $"keys {setting} {value:c}: must be {least:c} to {most:c}"));
    }
}
