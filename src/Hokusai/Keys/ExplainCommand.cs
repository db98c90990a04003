using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Authorization;
using Hokusai.Keys.Administration;

namespace Hokusai.Keys;

/// <summary><c>hokusai keys explain</c>: what the gateway would say to a request of a key, and by which rule.</summary>
internal static class ExplainCommand
{
    public static Command Create(Option<string> url, Option<string?> key, Option<bool> json, Func<string?, string> keyFrom)
    {
        var id = new Argument<string>("KEY_ID") { Description = "id of the key, as 'hokusai keys list' shows it" };
        var method = new Argument<string>("METHOD") { Description = "for example POST" };
        var path = new Argument<string>("PATH") { Description = "path and query, with or without /api/mlflow before it" };
        var body = new Option<FileInfo?>("--body") { Description = "file with the request's body" };
        var from = new Option<string?>("--from") { Description = "address that the request would come from" };
        var gateway = new Option<string>("--gateway") { Description = "where to ask for the experiment of a run or model", DefaultValueFactory = _ => "http://127.0.0.1:8001" };
        var command = new Command("explain", "say rule by rule whether a key may do something (exit code 1 if not)") { id, method, path, body, from, gateway, url, key, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var admin = keyFrom(parsed.GetValue(key));
            using var client = new KeysClient(parsed.GetValue(url)!, admin);
            var holder = await HolderAsync(client, parsed.GetValue(id)!, cancellation);
            using var mlflow = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(15) };
            mlflow.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
            var explanation = await AccessExplanation.OfAsync(
                holder, parsed.GetValue(method)!, parsed.GetValue(path)!, Read(parsed.GetValue(body)), AddressFrom(parsed.GetValue(from)), target => AskAsync(mlflow, parsed.GetValue(gateway)!.TrimEnd('/') + target, cancellation));
            await WriteAsync(parsed.InvocationConfiguration.Output, explanation, parsed.GetValue(json));
            return explanation.Allowed ? ExitCodes.Fine : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<ValidatedKey> HolderAsync(KeysClient client, string id, CancellationToken cancellation)
    {
        var found = await client.ShowAsync(id, cancellation);
        if (found.Status is not ("active" or "rotating")) throw new CommandFailure(ExitCodes.Failed, $"the key {id} is {found.Status}: everything is refused");
        return Holder(found);
    }

    /// <summary>A key's description as the gateway would get it.</summary>
    private static ValidatedKey Holder(KeyDescription key) => new(
        key.UserId, key.KeyId, "", key.Scopes, key.RateLimitPerHour, key.ExpiresAt, key.Email, key.Environment, key.AllowedNetworks, key.Grants, key.Quotas);

    private static async Task<(int, byte[])> AskAsync(HttpClient client, string url, CancellationToken cancellation)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(url), cancellation);
            return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellation));
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw CommandFailure.Unreachable($"what stands behind an id is asked of MLflow at {url}, which can't be reached; --gateway says where");
        }
    }

    private static byte[] Read(FileInfo? file)
    {
        try
        {
            return file is null ? [] : File.ReadAllBytes(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"--body '{file}': {e.Message}");
        }
    }

    private static IPAddress? AddressFrom(string? text) => text is null ? null : IPAddress.TryParse(text, out var address) ? address : throw CommandFailure.Usage($"--from '{text}': is no IP address");

    private static async Task WriteAsync(TextWriter output, AccessExplanation explanation, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(explanation, ExplainJson.Default.AccessExplanation));
            return;
        }
        foreach (var rule in explanation.Rules) await output.WriteLineAsync($"{(rule.Allows switch { true => "✓", false => "✗", _ => "·" })} {rule.Rule,-9} {rule.Text}");
        await output.WriteLineAsync(explanation.Allowed ? "allowed" : $"refused{(explanation.Code is { } code ? $": {code}" : "")}");
    }
}

/// <summary>JSON of an explanation: snake_case names.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccessExplanation))]
internal sealed partial class ExplainJson : JsonSerializerContext;
