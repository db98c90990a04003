using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hokusai.Contracts.Keys;
using Hokusai.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Peppers;
using Hokusai.SystemTests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Keys;

/// <summary>The OpenAPI document says what the service does.</summary>
public sealed class OpenApiTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Document_Paths_AreTheRoutesWithTheirListeners()
    {
        using var folder = new TestFolder();
        await using var server = await KeysServer.OpenAsync(new KeysOptions { StoreUri = folder.Sqlite("keys.db"), PepperFile = folder.PathOf("pepper") }, TimeProvider.System, NullLoggerFactory.Instance);
        var document = await DocumentAsync();

        var described = from path in document.GetProperty("paths").EnumerateObject()
                        from operation in path.Value.EnumerateObject()
                        select $"{operation.Name.ToUpperInvariant()} {path.Name} {string.Join('+', operation.Value.GetProperty("x-listeners").EnumerateArray())}";
        var routes = server.Routes.Select(route => $"{route.Method} {route.Path} {string.Join('+', Enum.GetValues<KeysListener>().Where(listener => route.Listener.HasFlag(listener)).Select(listener => listener.ToString().ToLowerInvariant()))}");

        Assert.StartsWith("3.1.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(routes.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Document_Schemas_HaveTheFieldsThatTravel()
    {
        var schemas = (await DocumentAsync()).GetProperty("components").GetProperty("schemas");
        JsonTypeInfo[] types =
        [
            KeyJson.Default.CreateKeyRequest, KeyJson.Default.KeyDescription, KeyJson.Default.KeyList, KeyJson.Default.RotateKeyRequest, KeyJson.Default.KeyRotation, KeyJson.Default.LeakedKeyRequest,
            KeyJson.Default.KeyImport, KeyJson.Default.ImportDenial, KeyJson.Default.ImportNote, KeyJson.Default.KeyGrants, KeyJson.Default.KeyQuotas, KeyJson.Default.KeyLastUse,
            KeyValidationJson.Default.KeyDenial, KeyValidationJson.Default.ValidateKeyRequest, KeyValidationJson.Default.ValidatedKey, KeyValidationJson.Default.KeyChanges,
            KeyValidationJson.Default.KeyUses, KeyValidationJson.Default.KeyUse, KeyValidationJson.Default.KeyRefusals,
            AuditJson.Default.AuditPage, AuditJson.Default.AuditEntry, AuditJson.Default.AuditHead, PepperJson.Default.PepperList, PepperJson.Default.PepperDescription,
        ];

        foreach (var type in types)
            Assert.Equal(type.Properties.Select(property => property.Name).Order(StringComparer.Ordinal), Fields(schemas.GetProperty(type.Type.Name)));
        Assert.Equal(Fields(schemas.GetProperty("CreateKeyRequest")), Fields(schemas.GetProperty("UpdateKeyRequest")));
        Assert.Equal([.. types.Select(type => type.Type.Name).Append("UpdateKeyRequest").Order(StringComparer.Ordinal)], schemas.EnumerateObject().Select(schema => schema.Name).Order(StringComparer.Ordinal));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Document_References_LeadToASchema()
    {
        var document = await DocumentAsync();
        var schemas = document.GetProperty("components").GetProperty("schemas");

        var references = References(document).ToList();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(schemas.TryGetProperty(reference["#/components/schemas/".Length..], out _), reference));
    }

    private static IEnumerable<string> Fields(JsonElement schema) => schema.GetProperty("properties").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(field => field.Name == "$ref" ? [field.Value.GetString()!] : References(field.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static async Task<JsonElement> DocumentAsync()
    {
        await using var hop = await KeysHop.StartAsync();
        var (status, document) = await hop.SendAsync("GET", "/api/v1/keys/openapi.json", null);
        Assert.Equal(200, status);
        return document;
    }
}
