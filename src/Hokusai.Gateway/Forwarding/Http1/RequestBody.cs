using System.Buffers;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>
/// The body of a request. A small one is read whole before anything is sent: it travels with the head in one packet, and can be
/// sent again. A large one and every artifact is carried through as it comes, and can't.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Largest body that is kept.</summary>
    public const int LargestKept = 256 * 1024;

    /// <summary>How long a small body may take that the gateway reads for itself.</summary>
    public static readonly TimeSpan SmallWithin = TimeSpan.FromSeconds(30);

    public static readonly RequestBody None = new(null, null);

    private readonly PooledBuffer? _kept;

    private RequestBody(long? length, PooledBuffer? kept)
    {
        Length = length;
        _kept = kept;
    }

    /// <summary>Its length; null for no body, -1 if it is not known beforehand.</summary>
    public long? Length { get; }

    /// <summary>The whole body, if it was kept.</summary>
    public ReadOnlyMemory<byte> Kept => _kept?.Written ?? default;

    /// <summary>Whether it is carried through as it comes.</summary>
    public bool IsStreamed => Length is > 0 or -1 && _kept is null;

    /// <summary>How many bytes of it were carried through so far, if it is carried through.</summary>
    public long Carried { get; set; }

    /// <summary>How many bytes of it were taken from the client.</summary>
    public long Taken => _kept?.Length ?? Carried;

    /// <summary>How many bytes may be carried through at the most, where the client does not say how many will come.</summary>
    public long Most { get; init; } = long.MaxValue;

    /// <summary>Counts what is carried through, if it is limited.</summary>
    public Limits.ByteMeter? Meter { get; set; }

    /// <summary>Whether any of it was asked for while it was carried through: from then on it can't be sent again.</summary>
    public bool IsBegun { get; set; }

    /// <summary>Whether it can be sent as a whole, again or still.</summary>
    public bool CanBeSent => !IsStreamed || !IsBegun;

    /// <summary>Looks at a request's body and reads it if it is to be kept.</summary>
    /// <param name="http">The request.</param>
    /// <param name="kind">How bodies of its endpoint travel.</param>
    /// <param name="most">Largest size of one that is no artifact.</param>
    /// <param name="silence">How long the client may say nothing.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="BadHttpRequestException">The body is broken.</exception>
    /// <exception cref="OperationCanceledException">The client was silent for too long, or is gone.</exception>
    public static ValueTask<RequestBody> TakeAsync(HttpContext http, BodyClass kind, long most, TimeSpan silence, TimeProvider time)
    {
        var length = http.Request.ContentLength;
        if (length is null && http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }) return ValueTask.FromResult(None);
        if (length == 0) return ValueTask.FromResult(new RequestBody(0, null));
        if (kind == BodyClass.Artifact || length is null or > LargestKept) return ValueTask.FromResult(new RequestBody(length ?? -1, null) { Most = kind == BodyClass.Artifact ? long.MaxValue : most });
        return KeepAsync(http, (int)length, silence, time);
    }

    /// <summary>Reads a body whole, whatever its size, for who must know it before it is sent.</summary>
    /// <param name="http">The request.</param>
    /// <param name="most">Its largest size.</param>
    /// <param name="silence">How long the client may say nothing.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="BadHttpRequestException">The body is too large or broken.</exception>
    /// <exception cref="OperationCanceledException">The client was silent for too long, or is gone.</exception>
    public static async ValueTask<RequestBody> KeepAsync(HttpContext http, long most, TimeSpan silence, TimeProvider time)
    {
        if (http.Request.ContentLength is null && http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }) return None;
        if (http.Request.ContentLength is { } length) return length == 0 ? new RequestBody(0, null) : await KeepAsync(http, (int)length, silence, time);
        UnreadBody.Begin(http);
        var buffer = new PooledBuffer(4096);
        try
        {
            for (var ended = false; !ended;)
            {
                var read = await WaitAsync(http, silence, time);
                foreach (var segment in read.Buffer) buffer.Write(segment.Span);
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                ended = read.IsCompleted;
                if (buffer.Length > most) throw TooLarge(most);
            }
            return new RequestBody(buffer.Length, buffer);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Reads a body that must be a small one, such as a form, and must be there soon: who sends it needs no key for that.</summary>
    /// <param name="http">The request.</param>
    /// <param name="most">Its largest size.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Null if it is larger.</returns>
    /// <exception cref="BadHttpRequestException">The body is broken.</exception>
    /// <exception cref="ConnectionAbortedException">It did not come in time.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadSmallAsync(HttpContext http, int most, TimeProvider time)
    {
        if (http.Request.ContentLength > most) return null;
        UnreadBody.Begin(http);
        var bytes = new byte[most + 1];
        using var limit = new CancellationTokenSource(SmallWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            var length = await http.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, either.Token);
            if (length > most) return null;
            return bytes.AsMemory(0, length);
        }
        catch (IOException e) when (IsUnreadable(e))
        {
            throw Unreadable(e);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new ConnectionAbortedException("the body did not come in time");
        }
    }

    /// <summary>What a body is refused with that turns out to be larger than it may be.</summary>
    public static BadHttpRequestException TooLarge(long most) => new($"It has more than {most} bytes, which is all that the gateway takes here.", StatusCodes.Status413PayloadTooLarge);

    /// <summary>Whether an error of reading a body says that it is broken. Most say so by their type; a chunk's size beyond all measure does not.</summary>
    public static bool IsUnreadable(IOException error) => error is not (BadHttpRequestException or ConnectionResetException);

    /// <summary>What a body is refused with that can't be read.</summary>
    public static BadHttpRequestException Unreadable(IOException error) => new(error.Message, error);

    public void Dispose() => _kept?.Dispose();

    private static async ValueTask<RequestBody> KeepAsync(HttpContext http, int length, TimeSpan silence, TimeProvider time)
    {
        UnreadBody.Begin(http);
        var buffer = new PooledBuffer(length);
        try
        {
            var reader = http.Request.BodyReader;
            while (buffer.Length < length)
            {
                if (!reader.TryRead(out var read)) read = await WaitAsync(http, silence, time);
                foreach (var segment in read.Buffer) buffer.Write(segment.Span);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted && buffer.Length < length) throw new OperationCanceledException("the client ended its body early");
            }
            return new RequestBody(length, buffer);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private static async ValueTask<System.IO.Pipelines.ReadResult> WaitAsync(HttpContext http, TimeSpan silence, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(silence, time);
        try
        {
            return await http.Request.BodyReader.ReadAsync(limit.Token);
        }
        catch (IOException e) when (IsUnreadable(e))
        {
            throw Unreadable(e);
        }
    }
}
