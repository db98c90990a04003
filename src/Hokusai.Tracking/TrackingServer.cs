using Hokusai.Contracts.Errors;
using Hokusai.Contracts.Keys;
using Hokusai.Contracts.Routing;
using Hokusai.Storage;
using Hokusai.Tracking.Artifacts;
using Hokusai.Tracking.Artifacts.S3;
using Hokusai.Tracking.Experiments;
using Hokusai.Tracking.LoggedModels;
using Hokusai.Tracking.Overview;
using Hokusai.Tracking.Protocol;
using Hokusai.Tracking.Registry;
using Hokusai.Tracking.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Hokusai.Tracking;

/// <summary>An MLflow-compatible tracking server, model registry and artifact server.</summary>
public sealed class TrackingServer : IAsyncDisposable
{
    // Below 3.4, so that clients keep traces to themselves: /v1/traces is not offered.
    internal const string Version = "3.3.0";

    // Beyond the drain, for what a cut upload still has to remove. Within what an orchestrator gives a process that it stops.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly Database _database;
    private readonly ArtifactLocations _locations;
    private readonly PathTable<Route> _routes;
    private readonly HostGuard _guard;
    private readonly ILogger _logger;

    // Those that run, and the server itself until it ends.
    private int _calls = 1;
    private int _stopped;

    private TrackingServer(Database database, ArtifactLocations locations, PathTable<Route> routes, HostGuard guard, TimeProvider time, ILogger logger)
    {
        _database = database;
        _locations = locations;
        _routes = routes;
        _guard = guard;
        _time = time;
        _logger = logger;
    }

    /// <summary>Opens the store and the place of the artifacts.</summary>
    /// <param name="options">Checked settings, see <see cref="TrackingOptions.Faults"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <exception cref="StorageException">The database can't be used.</exception>
    /// <exception cref="IOException">The artifacts' folder or bucket can't be reached or written.</exception>
    public static async Task<TrackingServer> OpenAsync(TrackingOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        if (!DatabaseLocation.TryParse(options.BackendStoreUri, out var location, out var fault)) throw new ArgumentException(fault, nameof(options));
        var logger = loggers.CreateLogger("Hokusai.Tracking");
        var locations = new ArtifactLocations(options.DefaultArtifactRoot, options.ArtifactsDestination, options.ServeArtifacts, place => new S3Store(place, options.S3Endpoint, time, logger));
        Database? database = null;
        ExperimentStore experiments;
        try
        {
            if (options.ServeArtifacts) await locations.Destination.PrepareAsync();
            database = Database.Open(location, TrackingSchema.Current, options.Workers);
            experiments = new ExperimentStore(database, locations, time);
            await experiments.CreateDefaultAsync();
        }
        catch
        {
            database?.Dispose();
            locations.Dispose();
            throw;
        }
        Log.Opened(logger, database.Display, options.ServeArtifacts ? options.ArtifactsDestination : "not served");
        var routes = RouteTable.Build(Routes(database, experiments, locations, options.ServeArtifacts, time), options.StaticPrefix);
        return new TrackingServer(database, locations, routes, new HostGuard(options.AllowedHosts), time, logger);
    }

    /// <summary>Answers one request.</summary>
    /// <param name="http">The request.</param>
    public async Task HandleAsync(HttpContext http)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            await AnswerAsync(http);
        }
        finally
        {
            EndCall();
        }
    }

    /// <summary>Lets calls end whose connections are closed already, serves what is queued and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        EndCall();
        // An upload that was cut removes its parts first; the store must not go from under it.
        await _ended.Task.WaitAsync(LongestEnd, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _locations.Dispose();
        _database.Dispose();
    }

    /// <summary>Every endpoint: each slice lists its own.</summary>
    internal static IEnumerable<Route> Routes(Database database, ExperimentStore experiments, ArtifactLocations locations, bool serveArtifacts, TimeProvider time)
    {
        var runs = new RunStore(database, time);
        var models = new RegisteredModelStore(database, time);
        var versions = new ModelVersionStore(database, time);
        var logged = new LoggedModelStore(database, time);
        return
        [
            new Route("GET", "/health", call => TextAsync(call.Http, "OK"), RouteFamily.Service, ReadsMessage: false),
            new Route("GET", "/version", call => TextAsync(call.Http, Version), RouteFamily.Service, ReadsMessage: false),
            .. new OverviewPage(database).Routes,
            .. new ExperimentEndpoints(experiments).Routes,
            .. new RunEndpoints(runs, new RunData(database)).Routes,
            .. new DatasetSearch(database).Routes,
            .. new MetricEndpoints(new MetricStore(database)).Routes,
            .. new LoggedModelEndpoints(logged).Routes,
            .. new RegisteredModelEndpoints(models, versions, new AliasStore(database)).Routes,
            .. new ModelVersionEndpoints(versions).Routes,
            .. new ArtifactEndpoints(locations, serveArtifacts, runs, versions, logged).Routes,
        ];
    }

    private async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.XFrameOptions = "SAMEORIGIN";
        var path = RawTarget.PathOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).ToString();
        if (!await AdmitAsync(http, path)) return;
        if (_routes.Find(http.Request.Method, path, out var parameters, out var allowed) is not { } route)
        {
            await NotFoundAsync(http, allowed);
            return;
        }
        try
        {
            using var call = new ApiCall(http, parameters);
            if (route.ReadsMessage) await call.ReadMessageAsync();
            await route.Handle(call);
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            await AnswerFailureAsync(http, KeyRedactor.Redact(path), error);
        }
    }

    private void EndCall()
    {
        if (Interlocked.Decrement(ref _calls) == 0) _ended.TrySetResult();
    }

    private async Task<bool> AdmitAsync(HttpContext http, string path)
    {
        var host = http.Request.Host.Value ?? "";
        if (path is not ("/health" or "/version") && !_guard.AllowsHost(host))
        {
            Log.HostRefused(_logger, KeyRedactor.Redact(host));
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            await TextAsync(http, "Invalid Host header - possible DNS rebinding attack detected");
            return false;
        }
        string? origin = http.Request.Headers.Origin;
        if (string.IsNullOrEmpty(origin) || HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method) || HostGuard.AllowsOrigin(origin, host)) return true;
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        await TextAsync(http, "Cross-origin request blocked");
        return false;
    }

    private static Task NotFoundAsync(HttpContext http, string? allowed)
    {
        if (allowed is not null) http.Response.Headers.Allow = allowed;
        if (allowed is not null && HttpMethods.IsOptions(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        // Not JSON: newer clients fall back to older endpoints on such a 404.
        http.Response.StatusCode = allowed is null ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
        http.Response.ContentType = "text/html";
        return http.Response.WriteAsync(allowed is null ? "<!doctype html><title>404 Not Found</title><h1>Not Found</h1>" : "<!doctype html><title>405 Method Not Allowed</title><h1>Method Not Allowed</h1>", http.RequestAborted);
    }

    private static Task TextAsync(HttpContext http, string text)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.ContentLength = text.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(text, http.RequestAborted);
    }

    private async Task AnswerFailureAsync(HttpContext http, string path, Exception error)
    {
        var method = http.Request.Method;
        switch (error)
        {
            case OperationCanceledException when http.RequestAborted.IsCancellationRequested:
            case Microsoft.AspNetCore.Connections.ConnectionResetException:
                // Said to the server beneath, which would read on from what is gone and log an error.
                http.Abort();
                return;
            case ApiException refusal:
                Log.Refused(_logger, method, path, refusal.Status, refusal.ErrorCode, KeyRedactor.Redact(refusal.Message));
                await ApiCall.ReplyError(http, refusal);
                return;
            case BadHttpRequestException bad:
                Log.Refused(_logger, method, path, bad.StatusCode, MlflowErrorCodes.BadRequest, bad.Message);
                await ApiCall.ReplyError(http, new ApiException(MlflowErrorCodes.BadRequest, bad.Message, bad.StatusCode));
                return;
            case StorageException { IsTransient: true }:
                Log.StoreUnavailable(_logger, method, path, error.Message);
                http.Response.Headers.RetryAfter = "1";
                await ApiCall.ReplyError(http, new ApiException(MlflowErrorCodes.TemporarilyUnavailable, error.Message));
                return;
            case ArtifactStoreException { IsTransient: true }:
                Log.ArtifactStoreUnavailable(_logger, method, path, error.Message);
                http.Response.Headers.RetryAfter = "1";
                await ApiCall.ReplyError(http, new ApiException(MlflowErrorCodes.TemporarilyUnavailable, error.Message));
                return;
            case ArtifactStoreException:
                // Not 500: clients would repeat for four minutes what only a person can mend, and lose the text.
                await ApiCall.ReplyError(http, new ApiException(MlflowErrorCodes.NotImplemented, error.Message));
                return;
            default:
                Log.Failed(_logger, error, method, path);
                await ApiCall.ReplyError(http, new ApiException(MlflowErrorCodes.InternalError, "The tracking server failed; its log says why."));
                return;
        }
    }
}
