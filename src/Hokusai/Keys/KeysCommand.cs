using System.CommandLine;
using System.Globalization;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Explain;
using Hokusai.Keys.Scan;

namespace Hokusai.Keys;

/// <summary><c>hokusai keys</c>: key administration, over HTTP like any client's.</summary>
internal static class KeysCommand
{
    private const string Standard = "http://127.0.0.1:8003";

    /// <summary>Where an admin key is looked for without <c>--key</c>; the first one set wins.</summary>
    private static readonly string[] KeyVariables = ["HOKUSAI_API_KEY", "MLFLOW_TRACKING_TOKEN"];

    public static Command Create() => new("keys", "issue, list, rotate, import and revoke API keys")
    {
        CreateKey(), List(), Show(), Rotate(),
        Change("disable", "switch a key off; 'enable' switches it on again"),
        Change("enable", "switch a key on that was switched off"),
        Revoke(), Import(), Explain(),
        AuditCommand.Create(), PepperCommand.Create(), ScanCommand.Create(), ExplainRequestCommand.Create(),
    };

    private static Command CreateKey()
    {
        var access = new Access();
        var name = new Option<string>("--name") { Description = "what the key is for", Required = true };
        var user = new Option<string?>("--user") { Description = "whose it is (default: yours)" };
        var email = new Option<string?>("--email") { Description = "the owner's address" };
        var environment = new Option<string?>("--environment") { Description = "which environment it is for, in your words" };
        var scopes = new Option<string[]>("--scope") { Description = "what it may do; may be given several times (default: mlflow:read and mlflow:write)" };
        var days = new Option<int?>("--days") { Description = "after how many days it ends (default: never)" };
        var rate = new Option<int?>("--rate-limit") { Description = "requests an hour (default: no limit)" };
        var networks = new Option<string[]>("--network") { Description = "network (CIDR) from which it may be used; may be given several times (default: any)" };
        var experiments = new Option<string[]>("--experiment") { Description = "pattern of experiments that it reaches, ! in front forbids; may be given several times (default: all)" };
        var models = new Option<string[]>("--model") { Description = "pattern of registered models that it reaches, ! in front forbids; may be given several times (default: all)" };
        var bytes = new Option<long?>("--bytes-per-day") { Description = "bytes of artifacts a day (default: no limit)" };
        var runs = new Option<long?>("--runs-per-day") { Description = "runs made a day (default: no limit)" };
        var test = new Option<bool>("--test") { Description = "for a test environment: the key begins with hk_test_" };
        return access.Command("create", "issue a key and show it once", [name, user, email, environment, scopes, days, rate, networks, experiments, models, bytes, runs, test], async (call, cancellation) =>
        {
            var (parsed, client, output, json) = call;
            var grants = new KeyGrants(Given(parsed.GetValue(experiments)), Given(parsed.GetValue(models)));
            var request = new CreateKeyRequest(
                parsed.GetValue(name), parsed.GetValue(user), Given(parsed.GetValue(scopes)), parsed.GetValue(days), parsed.GetValue(test), Email: parsed.GetValue(email), Environment: parsed.GetValue(environment),
                RateLimitPerHour: parsed.GetValue(rate), AllowedNetworks: Given(parsed.GetValue(networks)), Grants: grants, Quotas: new KeyQuotas(parsed.GetValue(bytes), parsed.GetValue(runs)));
            await KeysOutput.WriteCreatedAsync(output, await client.CreateAsync(request, cancellation), json);
        });
    }

    private static Command List()
    {
        var access = new Access();
        var owner = new Option<string?>("--owner") { Description = "only keys of this user" };
        var status = new Option<string?>("--status") { Description = "only keys that are active, rotating, disabled, expired, rotated or revoked" };
        var environment = new Option<string?>("--environment") { Description = "only keys for this environment" };
        var expiring = new Option<bool>("--expiring") { Description = "only keys that end within 14 days" };
        return access.Command("list", "list keys", [owner, status, environment, expiring], async (call, cancellation) =>
        {
            var (parsed, client, output, json) = call;
            await KeysOutput.WriteListAsync(output, await client.ListAsync(parsed.GetValue(owner), parsed.GetValue(status), parsed.GetValue(environment), parsed.GetValue(expiring), cancellation), json);
        });
    }

    private static Command Show()
    {
        var access = new Access();
        var id = Id();
        return access.Command("show", "show all that is known of a key", [id], async (call, cancellation) =>
            await KeysOutput.WriteShownAsync(call.Output, await call.Client.ShowAsync(call.Parsed.GetValue(id)!, cancellation), call.Json));
    }

    private static Command Rotate()
    {
        var access = new Access();
        var id = Id();
        var overlap = new Option<string?>("--overlap") { Description = "how long both keys work at most, as 24h, 30m, 7d or 0 (default: the service's, 24h)" };
        return access.Command("rotate", "issue a successor, which takes the place of a key", [id, overlap], async (call, cancellation) =>
        {
            TimeSpan? both = call.Parsed.GetValue(overlap) is { } text ? ReadOverlap(text) : null;
            await KeysOutput.WriteRotatedAsync(call.Output, await call.Client.RotateAsync(call.Parsed.GetValue(id)!, both, cancellation), call.Json);
        });
    }

    private static Command Change(string act, string description)
    {
        var access = new Access();
        var id = Id();
        return access.Command(act, description, [id], async (call, cancellation) =>
            await KeysOutput.WriteChangedAsync(call.Output, await call.Client.ChangeAsync(call.Parsed.GetValue(id)!, act, cancellation), call.Json));
    }

    private static Command Revoke()
    {
        var access = new Access();
        var id = Id();
        id.Arity = ArgumentArity.ZeroOrOne;
        var leaked = new Option<bool>("--leaked") { Description = "read the key itself from standard input; it needs no other key" };
        var command = access.Command("revoke", "revoke a key for good, by its id or because it has leaked", [id, leaked], async (call, cancellation) =>
            await KeysOutput.WriteChangedAsync(call.Output, await call.Client.ChangeAsync(call.Parsed.GetValue(id)!, "revoke", cancellation), call.Json));
        var byId = command.Action!;
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(leaked) == parsed.GetValue(id) is not null) throw CommandFailure.Usage("revoke takes the id of a key, or --leaked and the key on standard input");
            if (!parsed.GetValue(leaked)) return await ((System.CommandLine.Invocation.AsynchronousCommandLineAction)byId).InvokeAsync(parsed, cancellation);
            var key = (await Console.In.ReadLineAsync(cancellation))?.Trim();
            if (!ApiKey.TryParse(key, out _)) throw CommandFailure.Usage($"standard input holds no key: {(key is null ? "it is empty" : ApiKey.Fault(key))}");
            // The key revokes itself, so that whoever lost it need not look for an administrator.
            using var client = new KeysClient(parsed.GetValue(access.Url)!, parsed.GetValue(access.Key)?.Trim() ?? key);
            await KeysOutput.WriteChangedAsync(parsed.InvocationConfiguration.Output, await client.RevokeLeakedAsync(key, cancellation), parsed.GetValue(access.Json));
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command Explain()
    {
        var access = new Access();
        return ExplainCommand.Create(access.Url, access.Key, access.Json, KeyFrom);
    }

    private static Command Import()
    {
        var access = new Access();
        var file = new Option<string?>("--file") { Description = "the file: a key a line, JSON lines, or CSV with a first line that names the columns" };
        var stdin = new Option<bool>("--stdin") { Description = "read the same from standard input" };
        return access.Command("import", "take in keys that another platform issued, all or none", [file, stdin], async (call, cancellation) =>
        {
            var path = call.Parsed.GetValue(file);
            if (call.Parsed.GetValue(stdin) == path is not null) throw CommandFailure.Usage("import takes --file FILE or --stdin; keys are never given as arguments, where others can see them");
            await using var content = path is null ? Console.OpenStandardInput() : Open(path);
            await KeysOutput.WriteImportedAsync(call.Output, await call.Client.ImportAsync(content, cancellation), call.Json);
        });
    }

    private static string KeyFrom(string? flag)
    {
        var key = flag ?? KeyVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(k => !string.IsNullOrWhiteSpace(k));
        return key?.Trim() ?? throw CommandFailure.Usage($"no admin key: give --key or set {string.Join(" or ", KeyVariables)}");
    }

    private static Argument<string> Id() => new("KEY_ID") { Description = "id of the key, as 'hokusai keys list' shows it" };

    private static string[]? Given(string[]? values) => values is { Length: > 0 } ? values : null;

    // Not .NET's own form, in which 24:00:00 means 24 days.
    private static TimeSpan ReadOverlap(string text)
    {
        if (text == "0") return TimeSpan.Zero;
        var unit = text.Length > 1 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 } : 0;
        return unit > 0 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 1_000_000
            ? TimeSpan.FromSeconds((double)count * unit)
            : throw CommandFailure.Usage($"overlap '{text}': write a number with s, m, h or d, such as 24h, or 0");
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"file '{KeyRedactor.Redact(path)}': can't be read ({KeyRedactor.Redact(e.Message)}); name one that can");
        }
    }

    /// <summary>What each verb needs to reach the auth service.</summary>
    internal sealed class Access
    {
        public Option<string> Url { get; } = new("--url") { Description = "address of the auth service's administration", DefaultValueFactory = _ => Standard };

        public Option<string?> Key { get; } = new("--key") { Description = $"an admin key (default: the environment's {string.Join(" or ", KeyVariables)})" };

        public Option<bool> Json { get; } = new("--json") { Description = "the same as JSON" };

        public Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<Call, CancellationToken, Task> run)
        {
            var command = new Command(name, description);
            foreach (var symbol in symbols)
            {
                if (symbol is Argument argument) command.Add(argument);
                else command.Add((Option)symbol);
            }
            command.Add(Url);
            command.Add(Key);
            command.Add(Json);
            command.SetAction(async (parsed, cancellation) =>
            {
                using var client = new KeysClient(parsed.GetValue(Url)!, KeyFrom(parsed.GetValue(Key)));
                await run(new Call(parsed, client, parsed.InvocationConfiguration.Output, parsed.GetValue(Json)), cancellation);
                return ExitCodes.Fine;
            });
            return command;
        }
    }

    internal sealed record Call(ParseResult Parsed, KeysClient Client, TextWriter Output, bool Json);
}
