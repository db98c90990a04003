using System.IO.Pipelines;
using Hokusai.Gateway.Forwarding.Http1;

namespace Hokusai.Gateway.Limits;

/// <summary>The client's end of a download, which takes no byte more than the meter lets pass.</summary>
internal sealed class MeteredWriter(PipeWriter inner, ByteMeter meter) : PipeWriter
{
    // What the relay asks for at a time: so much is to be there before it does.
    private const int Ahead = 64 * 1024;

    public override void Advance(int bytes)
    {
        meter.Passed(bytes);
        inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (meter.Credit <= 0) throw meter.Refusal(1, Progress.AnswerBegun);
        var memory = inner.GetMemory(sizeHint);
        return memory.Length > meter.Credit ? memory[..(int)meter.Credit] : memory;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushed = await inner.FlushAsync(cancellationToken);
        if (!IsWhole && meter.Credit < Ahead) await meter.TryReserveAsync(ByteMeter.Block, 1);
        return flushed;
    }

    /// <summary>Whether everything that will come was taken beforehand.</summary>
    public bool IsWhole { get; init; }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
