using System.Text.Json;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Store;
using Hokusai.Keys.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hokusai.Keys.Administration;

/// <summary>The life of keys in the hands of holders of the scope <c>admin</c>.</summary>
internal sealed class AdministrationEndpoints(KeyStore store, Callers callers, ChangesEndpoint changes, KeysOptions options, TimeProvider time)
{
    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(90);

    public async Task CreateAsync(HttpContext http)
    {
        if (await callers.RequireAdminAsync(http) is not { } admin || await ReadAsync(http, []) is not { } request) return;
        if (await TermsAsync(http, request, admin.Terms.UserId) is not { } terms) return;
        var key = ApiKey.Mint(request.Test);
        var stored = await store.AddAsync(key, terms, admin.Id, http.RequestAborted);
        await AnswerAsync(http, Describe(stored) with { Key = key.Reveal() });
    }

    /// <summary>All keys, or those that the query asks for.</summary>
    public async Task ListAsync(HttpContext http)
    {
        if (await callers.RequireAdminAsync(http) is null) return;
        var query = http.Request.Query;
        string? owner = query["owner"], status = query["status"], environment = query["environment"];
        if (await RefusedAsync(http, ListFaults(query.Keys, status, query["expiring"]))) return;
        var now = time.GetUtcNow();
        var keys = (await store.ListAsync(http.RequestAborted)).Where(key =>
            (owner is null || key.Terms.UserId == owner) && (environment is null || key.Terms.Environment == environment)
            && (status is null || string.Equals(key.Status(now).ToString(), status, StringComparison.OrdinalIgnoreCase))
            && (query["expiring"] != "true" || (key.IsUsable(now) && key.Succession is null && key.Terms.Expires <= now + KeysServer.ExpiryWarning)));
        await Reply.JsonAsync(http, StatusCodes.Status200OK, new KeyList([.. keys.Select(Describe)]), KeyJson.Default.KeyList);
    }

    public async Task ShowAsync(HttpContext http, string id)
    {
        if (await callers.RequireAdminAsync(http) is null) return;
        if (await FindAsync(http, id) is { } key) await AnswerAsync(http, Describe(key));
    }

    /// <summary>Changes what the body names (RFC 7396): a field that is null there goes back to "no limit".</summary>
    public async Task UpdateAsync(HttpContext http, string id)
    {
        if (await callers.RequireAdminAsync(http) is not { } admin || await FindAsync(http, id) is not { } key) return;
        if (await ReadAsync(http, JsonSerializer.SerializeToNode(KeyTermsRules.Describe(key.Terms), KeyJson.Default.CreateKeyRequest)!.AsObject()) is not { } request) return;
        // An end that has passed is no fault of a change that leaves it alone.
        var sameEnd = request.ExpiresInDays is null && request.ExpiresAt == key.Terms.Expires;
        if (await TermsAsync(http, sameEnd ? request with { ExpiresAt = null } : request, key.Terms.UserId) is not { } terms) return;
        var stored = await store.UpdateAsync(id, sameEnd ? terms with { Expires = key.Terms.Expires } : terms, admin.Id, http.RequestAborted);
        changes.Signal();
        await AnswerAsync(http, Describe(stored!));
    }

    /// <summary>Makes a successor with the same terms; both keys work until the overlap ends.</summary>
    public async Task RotateAsync(HttpContext http, string id)
    {
        if (await callers.RequireAdminAsync(http) is not { } admin || await FindAsync(http, id) is not { } old) return;
        var (fields, fault) = KeyFields.Parse(await TextAsync(http), mayBeEmpty: true);
        var (request, unbound) = fields is null ? (null, fault) : KeyFields.Bind(fields, KeyJson.Default.RotateKeyRequest);
        var overlap = request?.OverlapSeconds is not { } seconds ? options.RotationOverlap : seconds > LongestOverlap.TotalSeconds ? TimeSpan.MaxValue : TimeSpan.FromSeconds(Math.Max(seconds, -1));
        if (overlap < TimeSpan.Zero || overlap > LongestOverlap) unbound = $"overlap_seconds: {request!.OverlapSeconds}, must be 0 to {LongestOverlap.TotalSeconds:0} ({LongestOverlap.TotalDays:0} days)";
        if (await RefusedAsync(http, unbound is null ? [] : [unbound])) return;
        var now = time.GetUtcNow();
        if (old.Status(now) != KeyStatus.Active)
        {
            await ConflictAsync(http, old);
            return;
        }
        var key = ApiKey.Mint(old.Display.StartsWith(ApiKey.TestPrefix, StringComparison.Ordinal));
        // The successor lives as long as the old one was meant to.
        var terms = old.Terms with { Expires = old.Terms.Expires is { } end ? now + (end - old.Created) : null };
        if (await store.RotateAsync(id, key, terms, overlap, admin.Id, http.RequestAborted) is not var (replaced, successor))
        {
            await ConflictAsync(http, (await store.GetAsync(id, http.RequestAborted))!);
            return;
        }
        changes.Signal();
        await Reply.JsonAsync(http, StatusCodes.Status200OK, new KeyRotation(Describe(successor) with { Key = key.Reveal() }, Describe(replaced)), KeyJson.Default.KeyRotation);
    }

    public Task RevokeAsync(HttpContext http, string id) => ChangeAsync(http, id, (admin, cancellation) => store.RevokeAsync(id, admin, leaked: false, cancellation), mayBeRevoked: true);

    public Task DisableAsync(HttpContext http, string id) => ChangeAsync(http, id, (admin, cancellation) => store.DisableAsync(id, admin, cancellation));

    public Task EnableAsync(HttpContext http, string id) => ChangeAsync(http, id, (admin, cancellation) => store.EnableAsync(id, admin, cancellation));

    /// <summary>What the caller's own key is.</summary>
    public async Task SelfAsync(HttpContext http)
    {
        if (await callers.RequireUsableAsync(http) is { } key) await AnswerAsync(http, Describe(key));
    }

    private static List<string> ListFaults(ICollection<string> names, string? status, StringValues expiring)
    {
        string[] known = ["owner", "status", "environment", "expiring"];
        var statuses = Enum.GetNames<KeyStatus>().Select(name => name.ToLowerInvariant()).ToList();
        List<string> faults = [.. names.Except(known).Select(name => $"{KeyRedactor.Redact(name)}: no such filter; there are {string.Join(", ", known)}")];
        if (status is not null && !statuses.Contains(status)) faults.Add($"status: '{KeyRedactor.Redact(status)}', must be one of {string.Join(", ", statuses)}");
        if (expiring.Count > 0 && expiring != "true" && expiring != "false") faults.Add("expiring: must be true or false");
        return faults;
    }

    private static async Task<string> TextAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        return await reader.ReadToEndAsync(http.RequestAborted);
    }

    private static Task AnswerAsync(HttpContext http, KeyDescription key) => Reply.JsonAsync(http, StatusCodes.Status200OK, key, KeyJson.Default.KeyDescription);

    private static async Task<bool> RefusedAsync(HttpContext http, IReadOnlyList<string> faults)
    {
        if (faults.Count == 0) return false;
        await Reply.ErrorAsync(http, StatusCodes.Status400BadRequest, MlflowErrorCodes.InvalidParameterValue, string.Join("; ", faults));
        return true;
    }

    // The body over what was there before.
    private static async Task<CreateKeyRequest?> ReadAsync(HttpContext http, JsonObject fields)
    {
        var (given, fault) = KeyFields.Parse(await TextAsync(http));
        if (given is not null)
        {
            if (given.ContainsKey("expires_in_days")) fields.Remove("expires_at");
            foreach (var (name, value) in given) fields[name] = value?.DeepClone();
            var (request, unbound) = KeyFields.Bind(fields, KeyJson.Default.CreateKeyRequest);
            if (request is not null) return request;
            fault = unbound;
        }
        await RefusedAsync(http, [fault!]);
        return null;
    }

    private async Task<KeyTerms?> TermsAsync(HttpContext http, CreateKeyRequest request, string maker)
    {
        var (terms, faults) = KeyTermsRules.Read(request, maker, time.GetUtcNow());
        return await RefusedAsync(http, faults) ? null : terms;
    }

    private async Task ChangeAsync(HttpContext http, string id, Func<string, CancellationToken, Task<StoredKey?>> change, bool mayBeRevoked = false)
    {
        if (await callers.RequireAdminAsync(http) is not { } admin) return;
        if (await FindAsync(http, id) is not { } before) return;
        // Revoked is for good: neither on nor off.
        if (!mayBeRevoked && before.Revoked is not null)
        {
            await ConflictAsync(http, before);
            return;
        }
        var key = (await change(admin.Id, http.RequestAborted))!;
        changes.Signal();
        await AnswerAsync(http, Describe(key));
    }

    private async Task<StoredKey?> FindAsync(HttpContext http, string id)
    {
        if (await store.GetAsync(id, http.RequestAborted) is { } key) return key;
        await Reply.ErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.ResourceDoesNotExist, $"No key has the id '{KeyRedactor.Redact(id)}'. 'hokusai keys list' shows the ids.");
        return null;
    }

    private Task ConflictAsync(HttpContext http, StoredKey key)
    {
        var status = key.Status(time.GetUtcNow());
        var remedy = status switch
        {
            KeyStatus.Rotating or KeyStatus.Rotated => $"its successor is {key.Succession!.SuccessorId}: rotate that one",
            KeyStatus.Disabled => $"enable it first with 'hokusai keys enable {key.Id}'",
            _ => "issue a new one with 'hokusai keys create'",
        };
        return Reply.ErrorAsync(http, StatusCodes.Status409Conflict, MlflowErrorCodes.InvalidState, $"The key {key.Id} is {status.ToString().ToLowerInvariant()}; {remedy}.");
    }

    private KeyDescription Describe(StoredKey key) => KeyDescription.Of(key, time.GetUtcNow());
}
