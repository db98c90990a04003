using System.Net;
using System.Xml;
using Amazon.S3;
using Amazon.S3.Model;
using Hokusai.Tracking.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.Tracking.Artifacts.S3;

/// <summary>Artifacts in a bucket. A file's key is the prefix and its path; folders are what keys have in common up to a slash.</summary>
internal sealed class S3Store(S3Location location, string? endpoint, TimeProvider time, ILogger logger) : IArtifactStore
{
    // S3's own limit for both a page of keys and a deletion.
    private const int PageSize = 1000;

    private static readonly TimeSpan CheckDeadline = TimeSpan.FromSeconds(5);

    private readonly S3Caller _s3 = new(location, endpoint, time, logger);
    private readonly UploadMemory _memory = new(time);

    public S3Location Location => location;

    /// <summary>Finds out whether the bucket can be listed and written. Nothing is left in it.</summary>
    public async Task PrepareAsync()
    {
        using var deadline = new CancellationTokenSource(CheckDeadline, time);
        try
        {
            // The search for region and credentials blocks in places, and does not look at the token everywhere.
            await Task.Run(() => CheckAsync(deadline.Token), deadline.Token).WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            var where = endpoint is null ? "its endpoint (NAT, VPC endpoint, security group)" : endpoint;
            throw new ArtifactStoreException($"S3 did not answer within {CheckDeadline.TotalSeconds} s about {location}: is {where} reachable from here, and do credentials and region (AWS_REGION) come at once?", transient: true, e);
        }
    }

    public async Task<IReadOnlyList<ArtifactEntry>> ListAsync(string path, CancellationToken cancellation)
    {
        var entries = new List<ArtifactEntry>();
        var folder = FolderKey(path);
        await foreach (var page in PagesAsync(folder, "/", cancellation))
        {
            Add(page.CommonPrefixes ?? [], static prefix => Decode(prefix).TrimEnd('/'), static _ => 0L, isFolder: true);
            Add(page.S3Objects ?? [], static found => Decode(found.Key), static found => found.Size ?? 0, isFolder: false);
        }
        entries.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;

        void Add<T>(List<T> found, Func<T, string> key, Func<T, long> size, bool isFolder)
        {
            foreach (var one in found)
            {
                var name = key(one) is var text && text.Length > folder.Length ? text[folder.Length..] : "";
                // Others may have put there what no path leads to: a marker for an empty folder, or names that clients would walk up with.
                if (name is "" or "." or "..") continue;
                entries.Add(new ArtifactEntry(path.Length == 0 ? name : $"{path}/{name}", isFolder, size(one)));
            }
        }
    }

    public async Task<StoredArtifact?> FindAsync(string path, bool partly, CancellationToken cancellation)
    {
        if (path.Length == 0) return null;
        var key = location.KeyOf(path);
        var stream = await _s3.CallAsync(S3Permissions.Get, (s3, token) => OpenAsync(s3, key, partly, token), cancellation);
        return stream is null ? null : new StoredArtifact(path[(path.LastIndexOf('/') + 1)..], type => TypedResults.Stream(stream, type, lastModified: stream.Modified, enableRangeProcessing: true));
    }

    public Task WriteAsync(string path, Stream content, long? length, CancellationToken cancellation)
    {
        if (path.Length == 0) throw ApiException.Invalid($"'{path}' is a folder: name the file in the path");
        return new S3Upload(_s3, _memory, location.KeyOf(path)).RunAsync(content, length, cancellation);
    }

    public async Task DeleteAsync(string path, CancellationToken cancellation)
    {
        if (path.Length == 0) throw ArtifactPath.Invalid();
        await DeleteAsync([location.KeyOf(path)], cancellation);
        await foreach (var page in PagesAsync(FolderKey(path), null, cancellation)) await DeleteAsync((page.S3Objects ?? []).Select(found => Decode(found.Key)), cancellation);
    }

    public void Dispose()
    {
        _s3.Dispose();
        _memory.Dispose();
    }

    private async Task<S3ObjectStream?> OpenAsync(AmazonS3Client s3, string key, bool partly, CancellationToken cancellation)
    {
        try
        {
            if (!partly) return S3ObjectStream.Of(_s3, key, await s3.GetObjectAsync(new GetObjectRequest { BucketName = location.Bucket, Key = key }, cancellation));
            return S3ObjectStream.Of(_s3, key, await s3.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = location.Bucket, Key = key }, cancellation));
        }
        catch (AmazonS3Exception e) when (S3Failures.IsMissing(e))
        {
            return null;
        }
        // To a role that may not list all of the bucket, S3 says 403 of what is not there too; and clients look for missing files all day.
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Forbidden)
        {
            if (!await IsListedAsync(key, cancellation)) return null;
            throw;
        }
    }

    private async Task<bool> IsListedAsync(string key, CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = location.Bucket, Prefix = key, MaxKeys = 1, Encoding = EncodingType.Url };
        var page = await _s3.CallAsync(S3Permissions.List, (s3, token) => s3.ListObjectsV2Async(request, token), cancellation);
        return page.S3Objects is [var first] && Decode(first.Key) == key;
    }

    private async Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellation)
    {
        var (together, alone) = (new List<string>(), new List<string>());
        foreach (var key in keys) (IsXml(key) ? together : alone).Add(key);
        if (together.Count > 0) await DeleteTogetherAsync(together, cancellation);
        foreach (var key in alone) await _s3.CallAsync(S3Permissions.Delete, (s3, token) => s3.DeleteObjectAsync(location.Bucket, key, token), cancellation);
    }

    private Task<DeleteObjectsResponse> DeleteTogetherAsync(List<string> keys, CancellationToken cancellation) =>
        _s3.CallAsync(S3Permissions.Delete, async (s3, token) =>
        {
            try
            {
                return await s3.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = location.Bucket, Quiet = true, Objects = [.. keys.Select(key => new KeyVersion { Key = key })] }, token);
            }
            catch (DeleteObjectsException e) when (e.Response.DeleteErrors is [var first, ..])
            {
                // One answer for all keys, with a status of 200: the first key's failure stands for the others.
                var status = first.Code == "AccessDenied" ? HttpStatusCode.Forbidden : HttpStatusCode.InternalServerError;
                throw new AmazonS3Exception(first.Message, e, Amazon.Runtime.ErrorType.Unknown, first.Code, "", status);
            }
        }, cancellation);

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(string prefix, string? delimiter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        // Encoded, since XML can't hold every character that a key can.
        var request = new ListObjectsV2Request { BucketName = location.Bucket, Prefix = prefix, Delimiter = delimiter, MaxKeys = PageSize, Encoding = EncodingType.Url };
        do
        {
            var page = await _s3.CallAsync(S3Permissions.List, (s3, token) => s3.ListObjectsV2Async(request, token), cancellation);
            yield return page;
            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    private async Task CheckAsync(CancellationToken cancellation)
    {
        var key = location.Root + ".hokusai-check";
        // Who starts the server is told what fails here, and needs no second line in the log.
        using var check = new S3Caller(location, endpoint, time, NullLogger.Instance);
        await check.CallAsync(S3Permissions.List, (s3, token) => s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = location.Bucket, Prefix = location.Root, MaxKeys = 1 }, token), cancellation);
        // An upload that was begun and given up is no object, but needs the permission to write one.
        var upload = await check.CallAsync(S3Permissions.Put, (s3, token) => s3.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = location.Bucket, Key = key }, token), cancellation);
        await check.CallAsync(S3Permissions.Abort, (s3, token) => s3.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = location.Bucket, Key = key, UploadId = upload.UploadId }, token), cancellation);
    }

    private string FolderKey(string path) => path.Length == 0 ? location.Root : location.KeyOf(path) + "/";

    // A deletion of many is XML, which can't hold every character, and turns line ends into others.
    private static bool IsXml(string key)
    {
        try
        {
            XmlConvert.VerifyXmlChars(key);
            return !key.Contains('\r', StringComparison.Ordinal);
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private static string Decode(string key) => WebUtility.UrlDecode(key);
}
