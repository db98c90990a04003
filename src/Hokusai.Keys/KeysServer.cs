using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Store;
using Hokusai.Keys.Validation;
using Hokusai.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys;

/// <summary>The auth service: issues, lists, validates and revokes API keys.</summary>
public sealed class KeysServer : IDisposable
{
    private const string Root = "/api/v1/keys";

    private readonly Database _database;
    private readonly KeyStore _store;
    private readonly ValidationEndpoint _validation;
    private readonly ChangesEndpoint _changes;
    private readonly AdministrationEndpoints _administration;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    private KeysServer(Database database, KeyStore store, KeysOptions options, TimeProvider time, ILogger logger)
    {
        _database = database;
        _store = store;
        _logger = logger;
        _validation = new ValidationEndpoint(store, options, time);
        _changes = new ChangesEndpoint(store, time);
        _administration = new AdministrationEndpoints(store, _changes, time, logger);
    }

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
        var hasher = KeyHasher.Load(options.PepperFile);
        var database = Database.Open(location, KeyStore.Schema, readers: 2);
        try
        {
            var store = new KeyStore(database, hasher, time);
            await store.CheckPepperAsync();
            return new KeysServer(database, store, options, time, loggers.CreateLogger("Hokusai.Keys"));
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
        var stored = await _store.AddAsync(key, "first key", userId, Scopes.All, expires: null, cancellation);
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

    /// <summary>Closes the store.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
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
            if (path == Root && HttpMethods.IsPost(method)) return _administration.CreateAsync(http);
            if (path == Root && HttpMethods.IsGet(method)) return _administration.ListAsync(http);
            if (HttpMethods.IsPost(method) && path.StartsWith(Root + "/", StringComparison.Ordinal) && path.EndsWith("/revoke", StringComparison.Ordinal) && path.Length > Root.Length + "/revoke".Length + 1)
                return _administration.RevokeAsync(http, path[(Root.Length + 1)..^"/revoke".Length]);
        }
        return Reply.ErrorAsync(http, StatusCodes.Status404NotFound, MlflowErrorCodes.EndpointNotFound, $"The auth service has no {method} {KeyRedactor.Redact(path)} here. Key administration is reached at its own address, not through the load balancer.");
    }
}
