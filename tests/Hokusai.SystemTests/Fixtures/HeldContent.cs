using System.Net;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>A body whose second half is held back until it is released: a slow upload without waiting.</summary>
internal sealed class HeldContent(int length) : HttpContent
{
    private readonly TaskCompletionSource _half = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task FirstHalfSent => _half.Task;

    public void Release() => _released.TrySetResult();

    protected override bool TryComputeLength(out long size)
    {
        size = length;
        return true;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var half = new byte[length / 2];
        await stream.WriteAsync(half);
        await stream.FlushAsync();
        _half.TrySetResult();
        await _released.Task;
        await stream.WriteAsync(half.AsMemory(0, length - half.Length));
    }
}
