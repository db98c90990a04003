using System.Collections.Concurrent;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.Logging;

namespace Hokusai.Tracking.Artifacts.S3;

/// <summary>
/// Calls to S3: each with a deadline, and with failures in words. Region and credentials come as everywhere in AWS' SDK:
/// environment, profile, container, instance.
/// </summary>
internal sealed class S3Caller : IDisposable
{
    // Below the 55 s after which the gateway gives up a transfer in which nothing moves: the client shall hear why.
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(45);

    // A part of 8 MiB needs 4.2 Mbit/s within it.
    private static readonly TimeSpan AttemptDeadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(2);
    private const int Retries = 2;

    private readonly ConcurrentDictionary<string, bool> _told = new();
    private readonly Lazy<AmazonS3Client> _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="location">What is called about.</param>
    /// <param name="endpoint">Address of a store that speaks S3; null for AWS.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where refusals are logged.</param>
    public S3Caller(S3Location location, string? endpoint, TimeProvider time, ILogger logger)
    {
        (Location, Endpoint, _time, _logger) = (location, endpoint, time, logger);
        // Later: without a region it throws, which is to be told like any other failure.
        _client = new Lazy<AmazonS3Client>(() => new AmazonS3Client(Configuration(endpoint)), LazyThreadSafetyMode.PublicationOnly);
    }

    public S3Location Location { get; }

    public string? Endpoint { get; }

    public TimeProvider Time => _time;

    /// <summary>Makes a call.</summary>
    /// <param name="permission">The IAM action that it needs, such as <c>s3:GetObject</c>.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArtifactStoreException">S3 refused or did not answer.</exception>
    public async Task<T> CallAsync<T>(string permission, Func<AmazonS3Client, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(CallDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return await call(_client.Value, either.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && S3Failures.Describe(e, permission, this) is not null)
        {
            throw Failure(e, permission);
        }
    }

    /// <summary>A failure in words; of those that only a person can end, each kind is logged once.</summary>
    public ArtifactStoreException Failure(Exception error, string permission)
    {
        var failure = S3Failures.Describe(error, permission, this) ?? new ArtifactStoreException($"{Location}: {error.Message}", transient: true, error);
        if (!failure.IsTransient && _told.TryAdd(permission, true)) Log.ArtifactStoreRefused(_logger, failure.Message);
        return failure;
    }

    /// <summary>Says that parts of a file may be left in the bucket.</summary>
    public void WarnLeftParts(string key, string reason) => Log.UploadNotAborted(_logger, key, Location.Bucket, reason);

    public void Dispose()
    {
        if (_client.IsValueCreated) _client.Value.Dispose();
    }

    private static AmazonS3Config Configuration(string? endpoint)
    {
        var configuration = new AmazonS3Config { RetryMode = RequestRetryMode.Standard, MaxErrorRetry = Retries, Timeout = AttemptDeadline, ConnectTimeout = ConnectDeadline };
        if (endpoint is null) return configuration;
        configuration.AuthenticationRegion = FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName ?? RegionEndpoint.USEast1.SystemName;
        configuration.ServiceURL = endpoint;
        // Few stores other than AWS answer to a bucket's name in front of their own.
        configuration.ForcePathStyle = true;
        return configuration;
    }
}
