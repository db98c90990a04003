using Amazon.S3;
using Amazon.S3.Model;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tracking.Artifacts.S3;

/// <summary>
/// One file on its way to S3: in one piece if it fits into a part, otherwise as a multipart upload, which becomes an object only when it
/// is completed. Parts are whole in memory, so that they are checksummed and can be sent again.
/// </summary>
internal sealed class S3Upload(S3Caller s3, UploadMemory memory, string key)
{
    private const int MostParts = 10_000;
    private const int SentAtOnce = 3;
    private const long Largest = (long)MostParts * UploadMemory.PartSize;

    public async Task RunAsync(Stream content, long? length, CancellationToken cancellation)
    {
        if (length > Largest) throw TooLarge();
        var size = (int)Math.Min(length ?? UploadMemory.PartSize, UploadMemory.PartSize);
        var first = await memory.ReadAsync(content, size, cancellation);
        if (first.Length < UploadMemory.PartSize || length == UploadMemory.PartSize) await PutAsync(first, cancellation);
        else await SendPartsAsync(first, content, cancellation);
    }

    private async Task PutAsync(UploadPart whole, CancellationToken cancellation)
    {
        using (whole)
        {
            var request = new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = whole.Open(), ContentType = Type };
            await s3.CallAsync(S3Permissions.Put, (client, token) => client.PutObjectAsync(request, token), cancellation);
        }
    }

    private async Task SendPartsAsync(UploadPart first, Stream content, CancellationToken cancellation)
    {
        string upload;
        try
        {
            upload = (await s3.CallAsync(S3Permissions.Put, (client, token) => client.InitiateMultipartUploadAsync(Beginning(), token), cancellation)).UploadId;
        }
        catch
        {
            first.Dispose();
            throw;
        }
        var sending = new Queue<Task<PartETag>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var sent = new List<PartETag>();
            for (var part = first; ; part = await memory.ReadAsync(content, UploadMemory.PartSize, cancellation))
            {
                var isLast = part.Length < UploadMemory.PartSize;
                sending.Enqueue(SendAsync(part, upload, sent.Count + sending.Count + 1, stop.Token));
                if (isLast) break;
                if (sending.Count == SentAtOnce) sent.Add(await sending.Dequeue());
            }
            while (sending.TryDequeue(out var last)) sent.Add(await last);
            var end = new CompleteMultipartUploadRequest { BucketName = Bucket, Key = key, UploadId = upload, PartETags = sent };
            await s3.CallAsync(S3Permissions.Put, (client, token) => client.CompleteMultipartUploadAsync(end, token), cancellation);
        }
        catch
        {
            await stop.CancelAsync();
            // What still arrived after the end would stay, and be paid for.
            await ((Task)Task.WhenAll(sending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await AbortAsync(upload);
            throw;
        }
    }

    private async Task<PartETag> SendAsync(UploadPart part, string upload, int number, CancellationToken cancellation)
    {
        using (part)
        {
            if (number > MostParts) throw TooLarge();
            var request = new UploadPartRequest { BucketName = Bucket, Key = key, UploadId = upload, PartNumber = number, PartSize = part.Length, InputStream = part.Open() };
            return new PartETag(await s3.CallAsync(S3Permissions.Put, (client, token) => client.UploadPartAsync(request, token), cancellation));
        }
    }

    // Also when the client is gone: the request's own token would end this at once.
    private async Task AbortAsync(string upload)
    {
        try
        {
            await s3.CallAsync(S3Permissions.Abort, (client, token) => client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = Bucket, Key = key, UploadId = upload }, token), CancellationToken.None);
        }
        catch (ArtifactStoreException e)
        {
            s3.WarnLeftParts(key, e.Message);
        }
    }

    private InitiateMultipartUploadRequest Beginning() => new()
    {
        BucketName = Bucket,
        Key = key,
        ContentType = Type,
        // One checksum over the whole object, by which every later download is checked.
        ChecksumAlgorithm = ChecksumAlgorithm.CRC32,
        ChecksumType = ChecksumType.FULL_OBJECT,
    };

    private string Bucket => s3.Location.Bucket;

    private string Type => ArtifactContent.TypeOf(key[(key.LastIndexOf('/') + 1)..]);

    private static ApiException TooLarge() => ApiException.Invalid($"The artifact is too large: files of up to {Largest >> 30} GiB ({MostParts} parts of {UploadMemory.PartSize >> 20} MiB) can be stored; split it");
}
