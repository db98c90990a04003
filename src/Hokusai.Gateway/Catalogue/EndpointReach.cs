namespace Hokusai.Gateway.Catalogue;

/// <summary>What grants are about.</summary>
[Flags]
internal enum Domains
{
    None = 0,
    Experiments = 1,
    Models = 2,
    Both = Experiments | Models,
}

/// <summary>What a field names.</summary>
internal enum ResourceKind
{
    ExperimentId,
    ExperimentName,
    Run,
    LoggedModel,
    Model,

    /// <summary>A path in the artifact store, which begins with the experiment's id.</summary>
    ArtifactPath,

    /// <summary>A URI under which artifacts lie: what it leads to counts, or it would be a way around the grants.</summary>
    Location,
}

/// <summary>Where a field stands.</summary>
internal enum FieldPlace
{
    /// <summary>In the query of GET and HEAD, in the body of all others: how MLflow reads its messages.</summary>
    Message,
    Query,
    Path,
    Header,
}

/// <summary>A field that says which experiment or model a request touches.</summary>
/// <param name="Kind">What it names.</param>
/// <param name="Name">Its name in snake_case; <c>a.b</c> stands for a field of an object, <c>a[].b</c> for one of each object in a list, <c>a|b</c> for two names of one field.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="IsOptional">Whether the request touches nothing by this field if it is absent. Otherwise what it touches can't be told then.</param>
/// <param name="Default">What MLflow takes in place of an absent one.</param>
internal sealed record ResourceField(ResourceKind Kind, string Name, FieldPlace Place = FieldPlace.Message, bool IsOptional = false, string? Default = null)
{
    /// <summary>Whether it is a list, in a query a repeated key.</summary>
    public bool IsList { get; init; }

    /// <summary>The grants that decide on it. A location may lead to either.</summary>
    public Domains Domain => Kind switch
    {
        ResourceKind.Model => Domains.Models,
        ResourceKind.Location => Domains.Both,
        _ => Domains.Experiments,
    };

    /// <summary>As the catalogue's page shows it.</summary>
    public override string ToString() => $"{Word} in {Where}{(IsOptional ? " if given" : "")}";

    private string Where => Place switch
    {
        FieldPlace.Query => $"query `{Name}`",
        FieldPlace.Path => $"path `{Name}`",
        FieldPlace.Header => $"header `{Name}`",
        _ => $"`{Name.Replace("|", "` or `", StringComparison.Ordinal)}`",
    };

    private string Word => Kind switch
    {
        ResourceKind.ExperimentId => "experiment",
        ResourceKind.ExperimentName => "experiment's name",
        ResourceKind.LoggedModel => "logged model",
        ResourceKind.ArtifactPath => "artifact path",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>A search whose results are filtered by name.</summary>
/// <param name="Domain">The grants that decide.</param>
/// <param name="List">The answer's list; each item has its <c>name</c>.</param>
/// <param name="DefaultResults">Size of a page that nobody asked for.</param>
/// <param name="MostResults">The largest page that MLflow gives.</param>
internal sealed record SearchResults(Domains Domain, string List, int DefaultResults, int MostResults);

/// <summary>Which experiments and models an endpoint touches.</summary>
/// <param name="Touches">The grants that matter to it.</param>
/// <param name="Fields">Where it is said; empty though it touches something: it can't be told.</param>
/// <param name="Search">How its results are filtered, if it is a search over all there is.</param>
internal sealed record EndpointReach(Domains Touches, IReadOnlyList<ResourceField> Fields, SearchResults? Search = null)
{
    /// <summary>Whether what it touches can't be told from the request.</summary>
    public bool IsUnclear => Touches != Domains.None && Fields.Count == 0 && Search is null;

    /// <summary>As the catalogue's page shows it.</summary>
    public override string ToString() => Search is not null ? "results by name" : IsUnclear ? $"unclear ({Word})" : Fields.Count == 0 ? "none" : string.Join(", ", Fields);

    private string Word => Touches == Domains.Both ? "experiments, models" : Touches.ToString().ToLowerInvariant();
}
