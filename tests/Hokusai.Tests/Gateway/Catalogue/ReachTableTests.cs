using Hokusai.Gateway.Catalogue;

namespace Hokusai.Tests.Gateway.Catalogue;

public sealed class ReachTableTests
{
    // Whatever else can't be told must be put here by somebody who thought about it.
    private static readonly string[] TouchEverything =
    [
        "GET /", "GET /graphql", "POST /graphql", "GET /api/2.0/mlflow/gateway-proxy", "POST /api/2.0/mlflow/gateway-proxy", "GET /api/2.0/mlflow/webhooks", "POST /api/2.0/mlflow/webhooks",
        "GET /api/2.0/mlflow/webhooks/{id}", "PATCH /api/2.0/mlflow/webhooks/{id}", "DELETE /api/2.0/mlflow/webhooks/{id}", "POST /api/2.0/mlflow/webhooks/{id}/test",
    ];

    [Fact]
    public void Of_EveryEndpoint_IsKnownOrTouchesEverything()
    {
        var labels = RouteCatalogue.Build().Entries.Select(entry => entry.Value.Label).Distinct().ToList();
        Assert.Equal(TouchEverything.Order(), labels.Except(ReachTable.Labels).Order());
        Assert.Empty(ReachTable.Labels.Except(labels));
    }
}
