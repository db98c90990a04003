namespace Hokusai.Gateway.Authorization;

/// <summary>Finds the experiment behind an id. Two know how: the gateway asks MLflow, <c>hokusai keys explain</c> asks through the gateway.</summary>
internal interface IResourceNames
{
    /// <summary>The name of an experiment; null if there is no such.</summary>
    /// <param name="id">Its id.</param>
    ValueTask<string?> NameOfExperimentAsync(string id);

    /// <summary>Where a run belongs; null if there is no such.</summary>
    /// <param name="id">Its id.</param>
    ValueTask<ResourceHome?> HomeOfRunAsync(string id);

    /// <summary>Where a logged model belongs; null if there is no such.</summary>
    /// <param name="id">Its id.</param>
    ValueTask<ResourceHome?> HomeOfLoggedModelAsync(string id);
}

/// <summary>Where a run or logged model belongs. Neither ever changes.</summary>
/// <param name="ExperimentId">Its experiment.</param>
/// <param name="ArtifactUri">Where its artifacts lie.</param>
internal sealed record ResourceHome(string ExperimentId, string ArtifactUri);
