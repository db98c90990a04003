using System.CommandLine;
using Hokusai.Keys.Administration;

namespace Hokusai.Keys;

/// <summary><c>hokusai keys</c>: key administration, over HTTP like any client's.</summary>
internal static class KeysCommand
{
    private const string Standard = "http://127.0.0.1:8002";

    /// <summary>Where an admin key is looked for without <c>--key</c>; the first one set wins.</summary>
    private static readonly string[] KeyVariables = ["HOKUSAI_API_KEY", "MLFLOW_TRACKING_TOKEN"];

    public static Command Create() => new("keys", "issue, list and revoke API keys") { CreateKey(), List(), Revoke(), AuditCommand.Create(), PepperCommand.Create() };

    private static Command CreateKey()
    {
        var (url, key, json) = Common();
        var name = new Option<string>("--name") { Description = "what the key is for", Required = true };
        var user = new Option<string?>("--user") { Description = "whose it is (default: yours)" };
        var scopes = new Option<string[]>("--scope") { Description = "what it may do; may be given several times (default: mlflow:read and mlflow:write)" };
        var days = new Option<int?>("--days") { Description = "after how many days it ends (default: never)" };
        var test = new Option<bool>("--test") { Description = "for a test environment" };
        var command = new Command("create", "issue a key and show it once") { name, user, scopes, days, test, url, key, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new KeysClient(parsed.GetValue(url)!, KeyFrom(parsed.GetValue(key)));
            var request = new CreateKeyRequest(parsed.GetValue(name), parsed.GetValue(user), parsed.GetValue(scopes), parsed.GetValue(days), parsed.GetValue(test));
            var created = await client.CreateAsync(request, cancellation);
            await KeysOutput.WriteCreatedAsync(parsed.InvocationConfiguration.Output, created, parsed.GetValue(json));
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command List()
    {
        var (url, key, json) = Common();
        var command = new Command("list", "list all keys") { url, key, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new KeysClient(parsed.GetValue(url)!, KeyFrom(parsed.GetValue(key)));
            await KeysOutput.WriteListAsync(parsed.InvocationConfiguration.Output, await client.ListAsync(cancellation), parsed.GetValue(json));
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command Revoke()
    {
        var (url, key, json) = Common();
        var id = new Argument<string>("KEY_ID") { Description = "id of the key, as 'hokusai keys list' shows it" };
        var command = new Command("revoke", "revoke a key for good") { id, url, key, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new KeysClient(parsed.GetValue(url)!, KeyFrom(parsed.GetValue(key)));
            await KeysOutput.WriteRevokedAsync(parsed.InvocationConfiguration.Output, await client.RevokeAsync(parsed.GetValue(id)!, cancellation), parsed.GetValue(json));
            return ExitCodes.Fine;
        });
        return command;
    }

    internal static (Option<string> Url, Option<string?> Key, Option<bool> Json) Common() => (
        new Option<string>("--url") { Description = "address of the auth service", DefaultValueFactory = _ => Standard },
        new Option<string?>("--key") { Description = $"an admin key (default: the environment's {string.Join(" or ", KeyVariables)})" },
        new Option<bool>("--json") { Description = "the same as JSON" });

    internal static string KeyFrom(string? flag)
    {
        var key = flag ?? KeyVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(k => !string.IsNullOrWhiteSpace(k));
        return key?.Trim() ?? throw CommandFailure.Usage($"no admin key: give --key or set {string.Join(" or ", KeyVariables)}");
    }
}
