using Hokusai.Storage;

namespace Hokusai.Keys;

/// <summary>Settings of the auth service.</summary>
public sealed record KeysOptions
{
    /// <summary>Where keys are kept, as hashes.</summary>
    /// <value><c>sqlite:///FILE</c> or <c>postgresql://USER:PASSWORD@HOST:PORT/NAME</c>; default <c>sqlite:///keys.db</c> in the current folder.</value>
    public string StoreUri { get; init; } = "sqlite:///keys.db";

    /// <summary>File with the secret that goes into each hash. Made at the first start, readable by its owner only. Without it no stored key can ever be checked again.</summary>
    /// <value>A path; default <c>keys.pepper</c> in the current folder.</value>
    public string PepperFile { get; init; } = "keys.pepper";

    /// <summary>Services that may ask for the validation of keys, by the id that they send.</summary>
    /// <value>At least one; default <c>hokusai-gateway</c>.</value>
    public IReadOnlyList<string> Services { get; init; } = ["hokusai-gateway"];

    /// <summary>All faults at once, each with setting, value and remedy.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (!DatabaseLocation.TryParse(StoreUri, out _, out var fault)) faults.Add($"keys storeUri '{StoreUri.Split('@')[^1]}': {fault}");
        if (string.IsNullOrWhiteSpace(PepperFile)) faults.Add("keys pepperFile: is empty; name a file");
        if (Services.Count == 0) faults.Add("keys services: none named, so no gateway could ask; name at least hokusai-gateway");
        return faults;
    }
}
