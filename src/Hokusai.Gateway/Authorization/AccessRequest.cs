using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Catalogue;

namespace Hokusai.Gateway.Authorization;

/// <summary>A request as far as grants depend on it.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Parameters">Raw values of its path's placeholders.</param>
/// <param name="Method">The method.</param>
/// <param name="Query">The query as it came.</param>
/// <param name="Body">The whole body, where the endpoint's fields stand in it.</param>
/// <param name="Key">Who asks.</param>
/// <param name="ExperimentHeaders">Values of <c>X-MLflow-Experiment-Id</c>, by which spans name their experiment.</param>
internal sealed record AccessRequest(
    MlflowEndpoint Endpoint, IReadOnlyList<string> Parameters, string Method, string Query, ReadOnlyMemory<byte> Body, ValidatedKey Key, IReadOnlyList<string> ExperimentHeaders)
{
    /// <summary>The grants that limit this key at this endpoint.</summary>
    public static Domains Limits(MlflowEndpoint endpoint, KeyGrants? grants) => grants is null
        ? Domains.None
        : endpoint.Reach.Touches & ((grants.Experiments is null ? Domains.None : Domains.Experiments) | (grants.Models is null ? Domains.None : Domains.Models));
}
