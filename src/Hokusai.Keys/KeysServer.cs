using System.Text.Json.Nodes;
using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Audit;
using Hokusai.Keys.Peppers;
using Hokusai.Keys.Store;
using Hokusai.Keys.Validation;
using Hokusai.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys;

/// <summary>The auth service: issues, lists, validates and revokes API keys.</summary>
public sealed class KeysServer : IAsyncDisposable
{
    private const string Root = "/api/v1/keys";

    private readonly Database _database;
    private readonly KeyStore _store;
    private readonly ValidationEndpoint _validation;
    private readonly ChangesEndpoint _changes;
    private readonly UsesEndpoint _uses;
    private readonly AdministrationEndpoints _administration;
    private readonly AuditEndpoint _audit;
    private readonly PepperEndpoint _peppers;
    private readonly DenialLog _denials;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    private KeysServer(Database database, KeyStore store, AuditTrail audit, PepperStore peppers, KeysOptions options, TimeProvider time, ILogger logger)
    {
        _database = database;
        _store = store;
        _logger = logger;
        _denials = new DenialLog(audit, time, logger);
        _validation = new ValidationEndpoint(store, _denials, options, time);
        _uses = new UsesEndpoint(_denials);
        _changes = new ChangesEndpoint(store, time);
        _administration = new AdministrationEndpoints(store, _changes, time, logger);
        _audit = new AuditEndpoint(audit, _administration);
        _peppers = new PepperEndpoint(peppers, _administration);
    }

    /// <summary>Opens the store.</summary>
    /// <param name="options">Checked settings, see <see cref="KeysOptions.Faults"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <exception cref="StorageException">The database can't be used.</exception>
    /// <exception cref="InvalidDataException">A pepper is damaged or missing, or belongs to another store.</exception>
    /// <exception cref="IOException">A pepper can't be read or written.</exception>
    public static async Task<KeysServer> OpenAsync(KeysOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        if (!DatabaseLocation.TryParse(options.StoreUri, out var location, out var fault)) throw new ArgumentException(fault, nameof(options));
        var hasher = await PepperLoader.LoadAsync(options, Environment.GetEnvironmentVariable, time);
        var database = Database.Open(location, KeyStore.Schema, readers: 2);
        try
        {
            var audit = new AuditTrail(database, time);
            var peppers = new PepperStore(database, hasher, audit, time);
            await peppers.CheckAsync(CancellationToken.None);
            var configuration = new JsonObject { ["store"] = database.Display, ["peppers"] = string.Join(',', hasher.Peppers.Select(pepper => pepper.Id)), ["services"] = string.Join(',', options.Services) };
            await audit.RecordAsync(AuditActs.Start, AuditActs.Service, AuditActs.Service, configuration.ToJsonString(), CancellationToken.None);
            var logger = loggers.CreateLogger("Hokusai.Keys");
            Log.AuditHead(logger, (await audit.ReadAsync(long.MaxValue, 1, CancellationToken.None)).Head);
            return new KeysServer(database, new KeyStore(database, hasher, audit, time), audit, peppers, options, time, logger);
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
        if (await _store.AnyAsync(cancellation)) return null;
        var key = ApiKey.Mint();
        var stored = await _store.AddAsync(key, "first key", userId, Scopes.All, expires: null, AuditActs.FirstKey, AuditActs.Service, cancellation);
        Log.KeyCreated(_logger, stored.Id, stored.Display, stored.UserId, string.Join(',', stored.Scopes), "none: first start");
        return key;
    }

    /// <summary>Logs how to get a first key, if there is none.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task WarnIfEmptyAsync(CancellationToken cancellation)
    {
        if (!await _store.AnyAsync(cancellation)) Log.Empty(_logger);
    }

    /// <summary>Answers one request.</summary>
    /// <param name="http">The request.</param>
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http);
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

    /// <summary>Ends long polls at once, so that a stop need not wait for them.</summary>
    public void BeginStop() => _stopping.Cancel();

    /// <summary>Writes down what was refused of late and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _denials.DisposeAsync();
        _database.Dispose();
        _stopping.Dispose();
    }

    private Task RouteAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        var method = http.Request.Method;
        if (path == "/health") return http.Response.WriteAsync("OK", http.RequestAborted);
        if (path == Root + "/validate" && HttpMethods.IsPost(method)) return _validation.HandleAsync(http);
        if (path == Root + "/self" && HttpMethods.IsGet(method)) return _administration.SelfAsync(http);
        // What came through a load balancer came from outside: validation and self-service is all it gets.
        if (!http.Request.Headers.ContainsKey("X-Forwarded-For"))
        {
            if (path == Root + "/changes" && HttpMethods.IsGet(method)) return _changes.HandleAsync(http, _stopping.Token);
            if (path == Root + "/uses" && HttpMethods.IsPost(method)) return _uses.HandleAsync(http);
            if (path == Root + "/audit" && HttpMethods.IsGet(method)) return _audit.HandleAsync(http);
            if (path == Root + "/peppers" && HttpMethods.IsGet(method)) return _peppers.HandleAsync(http);
            if (path == Root && HttpMethods.IsPost(method)) return _administration.CreateAsync(http);
            if (path == Root && HttpMethods.IsGet(method)) return _administration.ListAsync(http);
            if (HttpMethods.IsPost(method) && path.StartsWith(Root + "/", StringComparison.Ordinal) && path.EndsWith("/revoke", StringComparison.Ordinal) && path.Length > Root.Length + "/revoke".Length + 1)
                return _administration.RevokeAsync(http, path[(Root.Length + 1)..^"/revoke".Length]);
        }
        return Reply.ErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.EndpointNotFound, $"The auth service has no {method} {KeyRedactor.Redact(path)} here. Key administration is reached at its own address, not through the load balancer.");
    }
}
