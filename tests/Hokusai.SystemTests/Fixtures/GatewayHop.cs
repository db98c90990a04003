using System.Text.Json;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway;
using Microsoft.AspNetCore.Http;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>A gateway between a scripted upstream and a scripted auth service.</summary>
internal sealed class GatewayHop : IAsyncDisposable
{
    private GatewayHop(ScriptedServer upstream, ScriptedServer auth, TestRole gateway) => (Upstream, Auth, Gateway) = (upstream, auth, gateway);

    public ScriptedServer Upstream { get; }

    public ScriptedServer Auth { get; }

    public TestRole Gateway { get; }

    public string Url => Gateway.Url;

    /// <summary>A key that the auth service takes, as it takes every key.</summary>
    public string Key { get; } = ApiKey.Mint().Reveal();

    /// <summary>How often the auth service was asked about a key.</summary>
    public int Validations => Auth.Requests.Count(r => r.Target == "/api/v1/keys/validate");

    /// <summary>Starts a gateway.</summary>
    /// <param name="upstream">Answers of the upstream; without it, <c>{}</c>.</param>
    /// <param name="validate">Answers of the auth service; without it, every key holds all scopes.</param>
    /// <param name="changes">The list of changed keys; without it, there is none.</param>
    /// <param name="configure">Changes the gateway's settings.</param>
    /// <param name="time">The gateway's clock.</param>
    /// <param name="probe">The auth service's answer to the question about a made-up key; without it, what the contract says.</param>
    /// <param name="uses">Its answer to reports of use; without it, there is no such thing.</param>
    /// <param name="drain">How long the gateway waits at its end for what runs; without it, the usual.</param>
    public static async Task<GatewayHop> StartAsync(
        RequestDelegate? upstream = null, RequestDelegate? validate = null, RequestDelegate? changes = null, Func<GatewayOptions, GatewayOptions>? configure = null, TimeProvider? time = null,
        RequestDelegate? probe = null, RequestDelegate? uses = null, TimeSpan? drain = null)
    {
        validate ??= Good();
        changes ??= ScriptedServer.Answer(404, "{}");
        // The gateway's own question about the upstream's health comes every few seconds: a test that takes longer than usual must not count it.
        var mlflow = await ScriptedServer.StartAsync(upstream, static http => http.Request.Path.Value != "/health");
        probe ??= ScriptedServer.Answer(401, """{"error_code":"KEY_UNKNOWN","message":"No such key."}""");
        uses ??= ScriptedServer.Answer(404, "{}");
        var auth = await ScriptedServer.StartAsync(
            http => http.Request.Path.Value switch
            {
                "/api/v1/keys/changes" => changes(http),
                "/api/v1/keys/uses" => uses(http),
                _ => IsProbe(http) ? probe(http) : validate(http),
            },
            // What a gateway asks for itself is no question about a client's key.
            http => !IsProbe(http) && http.Request.Path.Value != "/api/v1/keys/uses");
        var options = new GatewayOptions { Upstream = mlflow.Url, AuthService = auth.Url };
        return new GatewayHop(mlflow, auth, await TestRole.GatewayAsync(configure?.Invoke(options) ?? options, time, drain));
    }

    /// <summary>The answer to a good key.</summary>
    public static RequestDelegate Good(string user = "ada", string id = "key_1", params string[] scopes) => ScriptedServer.Answer(
        200, JsonSerializer.Serialize(new ValidatedKey(user, id, "hokusai-gateway", scopes.Length > 0 ? scopes : Scopes.All), KeyValidationJson.Default.ValidatedKey));

    /// <summary>The answer to a good key with all scopes that reaches some experiments and models.</summary>
    public static RequestDelegate Granted(string[]? experiments, string[]? models) => ScriptedServer.Answer(
        200, JsonSerializer.Serialize(new ValidatedKey("ada", "key_1", "hokusai-gateway", Scopes.All, Grants: new KeyGrants(experiments, models)), KeyValidationJson.Default.ValidatedKey));

    /// <summary>A client with the key as a bearer token.</summary>
    public HttpClient Client() => Gateway.Client(Key);

    private static bool IsProbe(HttpContext http) => http.Request.Headers.ContainsKey("X-Hokusai-Probe");

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Auth.DisposeAsync();
        await Upstream.DisposeAsync();
        Gateway.Logs.Lacks(Key);
    }
}
