namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>
/// Ends connections that are silent for too long. One loop looks at all of them a few times a second: a timer for each
/// request would cost more than many requests do.
/// </summary>
internal sealed class IdleWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly HashSet<UpstreamConnection> _watched = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public IdleWatch(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((IdleWatch)state!).Look(), this, Interval, Interval);
    }

    public void Add(UpstreamConnection connection)
    {
        lock (_gate) _watched.Add(connection);
    }

    public void Remove(UpstreamConnection connection)
    {
        lock (_gate) _watched.Remove(connection);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        var now = _time.GetTimestamp();
        List<UpstreamConnection>? late = null;
        lock (_gate)
        {
            foreach (var connection in _watched)
            {
                if (connection.IsLate(now)) (late ??= []).Add(connection);
            }
        }
        late?.ForEach(static connection => connection.AbortAsTimedOut());
    }
}
