using System.Text;
using Hokusai.Gateway.Catalogue;

namespace Hokusai.Tests.Gateway.Catalogue;

/// <summary>Writes <c>docs/catalogue.md</c> from the catalogue.</summary>
internal static class CataloguePage
{
    public const string Path = "docs/catalogue.md";

    public static string Text()
    {
        var text = new StringBuilder();
        text.Append("# Endpoints that the gateway lets through\n\n");
        text.Append("Made from `src/Hokusai.Gateway/Catalogue/RouteCatalogue.cs`; a test fails when the two part\n");
        text.Append("(`HOKUSAI_WRITE_DOCS=1 ./test unit -- -class '*CataloguePageTests'` writes it anew).\n\n");
        text.Append("What is not here is answered 404 (`HKS-ROUTE`), another method of what is here 405 (`HKS-ROUTE-METHOD`); GET stands for HEAD too.\n");
        text.Append("Each path exists at the root and under the gateway's prefixes `/api/mlflow` and `/mlflow`. `{name}` is one segment, `{*name}` all that follow.\n\n");
        text.Append("- **Scope**: what the key needs; `admin` holds all others.\n");
        text.Append("- **Retry**: `safe` and `idempotent` go to MLflow again when no answer came; `never` only when nothing of the request can have arrived;\n");
        text.Append("  `shielded` as `never`, and a client's re-send gets the first one's outcome instead of a second thing.\n");
        text.Append("- **Body**: `metadata` has a size limit and deadlines; `artifact` is streamed and has only an idle limit.\n");
        text.Append("- **Touches**: by what a key's grants are judged: the field that names an experiment, a run, a model; `results by name` are filtered; `unclear` is refused\n");
        text.Append("  to keys whose grants limit what stands in brackets; `none` is open to every key. Fields are read from the query of GET, from the body of all others.\n\n");
        text.Append("| Method | Path | Also as | Scope | Class | Retry | Body | Touches |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var row in Rows()) text.Append(row).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<string> Rows() => RouteCatalogue.Build().Entries
        .GroupBy(entry => entry.Value, ReferenceEqualityComparer.Instance)
        .Select(twins => (Endpoint: (MlflowEndpoint)twins.Key!, Paths: twins.Select(twin => twin.Path).OrderBy(path => path.StartsWith("/ajax-api", StringComparison.Ordinal)).ToList(), twins.First().Method))
        .OrderBy(found => found.Paths[0], StringComparer.Ordinal).ThenBy(found => found.Method, StringComparer.Ordinal)
        .Select(found => $"| {found.Method} | `{found.Paths[0]}` | {Twins(found.Paths)} | {found.Endpoint.Scope} | {Word(found.Endpoint.Class)} | {Word(found.Endpoint)} | {found.Endpoint.Body.ToString().ToLowerInvariant()} | {found.Endpoint.Reach.ToString().Replace("|", "\\|", StringComparison.Ordinal)} |");

    // Twins differ in their beginning only, so that is all that is shown of the second.
    private static string Twins(List<string> paths) => string.Join(", ", paths.Skip(1).Select(twin => $"`{twin[..twin.IndexOf("/mlflow", StringComparison.Ordinal)]}/…`"));

    private static string Word(EndpointClass value) => value == EndpointClass.RegistryWrite ? "registry write" : value.ToString().ToLowerInvariant();

    private static string Word(MlflowEndpoint endpoint) => endpoint.Retry switch
    {
        RetryClass.Safe => "safe",
        RetryClass.IdempotentWrite => "idempotent",
        _ => endpoint.Creates ? "shielded" : "never",
    };
}
