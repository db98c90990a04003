using System.Globalization;
using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Gateway.Limits;

/// <summary>Answers of an auth service whose keys have limits, and what answers say of them.</summary>
internal static class LimitedKey
{
    public const string Search = "/api/2.0/mlflow/experiments/search";
    public const string CreateRun = "/api/2.0/mlflow/runs/create";
    public const string Artifact = "/api/2.0/mlflow-artifacts/artifacts/1/r/model.bin";

    /// <summary>Every key is good and has these limits.</summary>
    public static RequestDelegate With(int? perHour = null, long? bytes = null, long? runs = null) => ScriptedServer.Answer(200, JsonSerializer.Serialize(
        new ValidatedKey("ada", "key_1", "hokusai-gateway", Scopes.All, perHour, Quotas: bytes is null && runs is null ? null : new KeyQuotas(bytes, runs)), KeyValidationJson.Default.ValidatedKey));

    public static int Number(this HttpResponseMessage answer, string header) => int.Parse(Assert.Single(answer.Headers.GetValues(header)), CultureInfo.InvariantCulture);

    public static async Task<int> StatusAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
