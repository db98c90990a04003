using System.Collections.Concurrent;

namespace Hokusai.Storage;

/// <summary>A thread that owns one connection and serves a queue. Database drivers block; here they block threads of their own, not the pool's.</summary>
internal sealed class Lane : IDisposable
{
    private readonly Thread _thread;

    public Lane(string name, BlockingCollection<Work> queue, Action<BlockingCollection<Work>> serve)
    {
        _thread = new Thread(() => serve(queue)) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Waits until the lane has served what was queued; the queue must have been closed before.</summary>
    public void Dispose() => _thread.Join();
}
