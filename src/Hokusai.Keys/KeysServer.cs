using System.Globalization;
using System.Text.Json.Nodes;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Import;
using Hokusai.Keys.Leaks;
using Hokusai.Keys.LifeCycle;
using Hokusai.Keys.Peppers;
using Hokusai.Keys.Store;
using Hokusai.Keys.Uses;
using Hokusai.Keys.Validation;
using Hokusai.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys;

/// <summary>The auth service: issues, lists, validates, rotates and revokes API keys. It has two addresses, one of which is for administration alone.</summary>
public sealed class KeysServer : IAsyncDisposable
{
    /// <summary>How long before its end a key is called expiring.</summary>
    internal static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(14);

    private const string Root = "/api/v1/keys";

    private readonly Database _database;
    private readonly KeyStore _store;
    private readonly DenialLog _denials;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _life;

    private KeysServer(Database database, KeyStore store, AuditTrail audit, PepperStore peppers, KeysOptions options, TimeProvider time, ILogger logger)
    {
        _database = database;
        _store = store;
        _logger = logger;
        _denials = new DenialLog(audit, time, logger);
        var uses = new UseBook();
        var changes = new ChangesEndpoint(store, time);
        var callers = new Callers(store, time);
        Routes = RoutesOf(
            new ValidationEndpoint(store, uses, _denials, options, time),
            changes,
            new UsesEndpoint(store, _denials, time),
            new LeakEndpoint(store, callers, changes, time),
            new AdministrationEndpoints(store, callers, changes, options, time),
            new ImportEndpoint(store, callers, time),
            new AuditEndpoint(audit, callers),
            new PepperEndpoint(peppers, callers));
        _life = new KeyLifeCycle(store, uses, changes, options, time, logger).RunAsync(_stopping.Token);
    }

    /// <summary>Every endpoint there is; openapi.json describes them.</summary>
    internal IReadOnlyList<KeysRoute> Routes { get; }

    /// <summary>Opens the store.</summary>
    /// <param name="options">Checked settings, see <see cref="KeysOptions.Faults"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <exception cref="StorageException">The database can't be used.</exception>
    /// <exception cref="InvalidDataException">The pepper file is damaged or belongs to another store.</exception>
    /// <exception cref="IOException">The pepper file can't be read or written.</exception>
    public static async Task<KeysServer> OpenAsync(KeysOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        if (!DatabaseLocation.TryParse(options.StoreUri, out var location, out var fault)) throw new ArgumentException(fault, nameof(options));
        var hasher = await PepperLoader.LoadAsync(options, Environment.GetEnvironmentVariable, time);
        var database = Database.Open(location, KeySchema.Schema, readers: 2);
        try
        {
            var logger = loggers.CreateLogger("Hokusai.Keys");
            var audit = new AuditTrail(database, time);
            var peppers = new PepperStore(database, hasher, audit, time, logger);
            await peppers.CheckAsync(CancellationToken.None);
            var configuration = Describe(options, database, hasher);
            await audit.RecordAsync(AuditActs.Start, AuditActs.Service, AuditActs.Service, configuration.ToJsonString(), CancellationToken.None);
            Log.Act(logger, AuditActs.Start, AuditActs.Service, AuditActs.Service, configuration);
            Log.AuditHead(logger, (await audit.ReadAsync(long.MaxValue, 1, CancellationToken.None)).Head);
            return new KeysServer(database, new KeyStore(database, hasher, audit, time, logger), audit, peppers, options, time, logger);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Issues the first key, with all scopes, if there is none yet.</summary>
    /// <param name="userId">Whose it is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The key, or null if keys exist already.</returns>
    public async Task<ApiKey?> MintFirstKeyAsync(string userId, CancellationToken cancellation)
    {
        var key = ApiKey.Mint();
        var terms = new KeyTerms("first key", userId, Scopes.All, Expires: null, Email: null, Environment: null, KeyLimits.None);
        return await _store.AddFirstAsync(key, terms, cancellation) is null ? null : key;
    }

    /// <summary>Logs how to get a first key, if there is none.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task WarnIfEmptyAsync(CancellationToken cancellation)
    {
        if (!await _store.AnyAsync(cancellation)) Log.Empty(_logger);
    }

    /// <summary>Answers one request at the address for gateways and, through a load balancer, for clients.</summary>
    /// <param name="http">The request.</param>
    public Task HandleAsync(HttpContext http) => HandleAsync(http, KeysListener.Public);

    /// <summary>Answers one request at the administration's address.</summary>
    /// <param name="http">The request.</param>
    public Task HandleAdminAsync(HttpContext http) => HandleAsync(http, KeysListener.Admin);

    /// <summary>Ends long polls at once, so that a stop need not wait for them.</summary>
    public void BeginStop() => _stopping.Cancel();

    /// <summary>Writes down what was refused of late and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // It ends within one write; the store must not go from under it.
        await _life.WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _denials.DisposeAsync();
        _database.Dispose();
        _stopping.Dispose();
    }

    private static JsonObject Describe(KeysOptions options, Database database, KeyHasher hasher) => new()
    {
        ["store"] = database.Display,
        ["peppers"] = string.Join(',', hasher.Peppers.Select(pepper => pepper.Id)),
        ["services"] = string.Join(',', options.Services),
        ["administration"] = string.Create(CultureInfo.InvariantCulture, $"{options.AdminHost}:{options.AdminPort}"),
        ["rotation_overlap"] = options.RotationOverlap.ToString("c", CultureInfo.InvariantCulture),
        ["rotation_silence"] = options.RotationSilence.ToString("c", CultureInfo.InvariantCulture),
    };

    // In the order in which they are looked at: fixed paths before those with an id.
    private IReadOnlyList<KeysRoute> RoutesOf(ValidationEndpoint validation, ChangesEndpoint changes, UsesEndpoint uses, LeakEndpoint leaks, AdministrationEndpoints administration, ImportEndpoint import, AuditEndpoint audit, PepperEndpoint peppers) =>
    [
        new(KeysListener.Public | KeysListener.Admin, "GET", "/health", (http, _) => http.Response.WriteAsync("OK", http.RequestAborted)),
        new(KeysListener.Public, "POST", Root + "/validate", (http, _) => validation.HandleAsync(http)),
        new(KeysListener.Public, "GET", Root + "/self", (http, _) => administration.SelfAsync(http)),
        new(KeysListener.Public | KeysListener.Admin, "POST", Root + "/revoke-leaked", (http, _) => leaks.HandleAsync(http)),
        new(KeysListener.Public, "GET", Root + "/changes", (http, _) => changes.HandleAsync(http, _stopping.Token)),
        new(KeysListener.Public, "POST", Root + "/uses", (http, _) => uses.HandleAsync(http)),
        new(KeysListener.Admin, "GET", Root + "/openapi.json", (http, _) => OpenApiDocument.AnswerAsync(http)),
        new(KeysListener.Admin, "POST", Root + "/import", (http, _) => import.HandleAsync(http)),
        new(KeysListener.Admin, "GET", Root + "/audit", (http, _) => audit.HandleAsync(http)),
        new(KeysListener.Admin, "GET", Root + "/peppers", (http, _) => peppers.HandleAsync(http)),
        new(KeysListener.Admin, "POST", Root, (http, _) => administration.CreateAsync(http)),
        new(KeysListener.Admin, "GET", Root, (http, _) => administration.ListAsync(http)),
        new(KeysListener.Admin, "GET", Root + "/{key_id}", administration.ShowAsync),
        new(KeysListener.Admin, "PATCH", Root + "/{key_id}", administration.UpdateAsync),
        new(KeysListener.Admin, "POST", Root + "/{key_id}/rotate", administration.RotateAsync),
        new(KeysListener.Admin, "POST", Root + "/{key_id}/disable", administration.DisableAsync),
        new(KeysListener.Admin, "POST", Root + "/{key_id}/enable", administration.EnableAsync),
        new(KeysListener.Admin, "POST", Root + "/{key_id}/revoke", administration.RevokeAsync),
    ];

    private async Task HandleAsync(HttpContext http, KeysListener listener)
    {
        try
        {
            await RouteAsync(http, listener);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; nobody reads an answer.
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await Reply.ErrorAsync(http, e.StatusCode, MlflowErrorCodes.BadRequest, "The request's body is too large or is not well-formed HTTP.");
        }
        catch (StorageException e) when (!http.Response.HasStarted)
        {
            Log.Failed(_logger, e, http.Request.Method, KeyRedactor.Redact(http.Request.Path.Value ?? ""));
            http.Response.Headers.RetryAfter = "1";
            await Reply.ErrorAsync(http, StatusCodes.Status503ServiceUnavailable, MlflowErrorCodes.TemporarilyUnavailable, "The key store does not answer.");
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            Log.Failed(_logger, e, http.Request.Method, KeyRedactor.Redact(http.Request.Path.Value ?? ""));
            await Reply.ErrorAsync(http, StatusCodes.Status500InternalServerError, MlflowErrorCodes.InternalError, "The auth service failed; its log says why.");
        }
    }

    private Task RouteAsync(HttpContext http, KeysListener listener)
    {
        var path = http.Request.Path.Value ?? "";
        var method = http.Request.Method;
        // What came through a load balancer came from outside: validation and self-service is all it gets, also where nobody should have let it in.
        var fromOutside = http.Request.Headers.ContainsKey("X-Forwarded-For");
        foreach (var route in Routes)
        {
            if ((route.Listener & listener) == 0 || (fromOutside && !route.ThroughLoadBalancer) || !route.Takes(method, path, out var id)) continue;
            return route.Handle(http, id);
        }
        return Reply.ErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.EndpointNotFound, $"The auth service has no {method} {KeyRedactor.Redact(path)} here. Key administration is reached at its own address, not through the load balancer.");
    }
}
