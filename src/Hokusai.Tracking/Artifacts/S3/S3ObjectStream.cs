using Amazon.Runtime;
using Amazon.S3.Model;

namespace Hokusai.Tracking.Artifacts.S3;

/// <summary>An object's bytes from any position. A connection that breaks on the way is taken up where it ended, as long as the object is the same.</summary>
internal sealed class S3ObjectStream : Stream
{
    private const int MostBreaks = 3;

    // Below the gateway's 55 s for a transfer in which nothing moves.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly S3Caller _s3;
    private readonly string _key;
    private readonly string _etag;
    private GetObjectResponse? _open;
    private long _position;
    private int _breaks;

    private S3ObjectStream(S3Caller s3, string key, string etag, long length, DateTime? modified) =>
        (_s3, _key, _etag, Length, Modified) = (s3, key, etag, length, modified is { } when ? new DateTimeOffset(when.ToUniversalTime()) : null);

    public DateTimeOffset? Modified { get; }

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set
        {
            if (value == _position) return;
            Close(ref _open);
            _position = value;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    /// <summary>A stream whose first bytes are on their way already.</summary>
    public static S3ObjectStream Of(S3Caller s3, string key, GetObjectResponse opened) => new(s3, key, opened.ETag, opened.ContentLength, opened.LastModified) { _open = opened };

    /// <summary>A stream that asks for bytes when it is read.</summary>
    public static S3ObjectStream Of(S3Caller s3, string key, GetObjectMetadataResponse about) => new(s3, key, about.ETag, about.ContentLength, about.LastModified);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_position < Length)
        {
            try
            {
                _open ??= await OpenAsync(cancellationToken);
                var read = await ReadOnceAsync(_open, buffer, cancellationToken);
                _position += read;
                _breaks = 0;
                return read;
            }
            catch (AmazonClientException e)
            {
                throw new ArtifactStoreException($"The bytes of '{_key}' in the bucket '{_s3.Location.Bucket}' do not match their checksum: {e.Message}", transient: true, e);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is IOException and not ArtifactStoreException or HttpRequestException or OperationCanceledException)
            {
                Close(ref _open);
                if (++_breaks > MostBreaks) throw _s3.Failure(e, S3Permissions.Get);
            }
        }
        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Close(ref _open);
        base.Dispose(disposing);
    }

    private async Task<int> ReadOnceAsync(GetObjectResponse open, Memory<byte> buffer, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(LongestSilence, _s3.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        var read = await open.ResponseStream.ReadAsync(buffer, either.Token);
        if (read == 0) throw new IOException("the object ended before its length");
        // The SDK compares checksums at the end: before the last bytes go on, so that a client never has a damaged file whole.
        if (_position + read == Length && await open.ResponseStream.ReadAsync(new byte[1], either.Token) > 0) throw new IOException("the object goes on behind its length");
        return read;
    }

    private Task<GetObjectResponse> OpenAsync(CancellationToken cancellation)
    {
        var request = new GetObjectRequest { BucketName = _s3.Location.Bucket, Key = _key, EtagToMatch = _etag };
        if (_position > 0) request.ByteRange = new ByteRange(_position, Length - 1);
        return _s3.CallAsync(S3Permissions.Get, (client, token) => client.GetObjectAsync(request, token), cancellation);
    }

    private static void Close(ref GetObjectResponse? open)
    {
        open?.Dispose();
        open = null;
    }
}
