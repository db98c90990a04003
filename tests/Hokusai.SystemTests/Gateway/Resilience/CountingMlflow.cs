using System.Collections.Concurrent;
using System.Globalization;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>As much of MLflow as counts: every create makes a thing with an id of its own, and all tasks of an upstream share what was made.</summary>
internal sealed class CountingMlflow
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _made = new(StringComparer.Ordinal);
    private int _ids;
    private int _requests;

    /// <summary>The ids of the things made, by the body that asked for them.</summary>
    public IReadOnlyDictionary<string, ConcurrentQueue<string>> Made => _made;

    /// <summary>All ids made.</summary>
    public IReadOnlyList<string> Ids => [.. _made.Values.SelectMany(ids => ids)];

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How long it thinks about a create.</summary>
    public Func<TimeSpan> Thinks { get; init; } = static () => TimeSpan.Zero;

    public async Task<TaskAnswer> AnswerAsync(TaskRequest request)
    {
        Interlocked.Increment(ref _requests);
        if (!request.Target.EndsWith("/create", StringComparison.Ordinal)) return new TaskAnswer(200, "{}");
        var id = Interlocked.Increment(ref _ids).ToString(CultureInfo.InvariantCulture);
        if (Thinks() is { Ticks: > 0 } time) await Task.Delay(time, TimeProvider.System, CancellationToken.None);
        _made.GetOrAdd(request.Body, static _ => new()).Enqueue(id);
        return new TaskAnswer(200, $$"""{"id":"{{id}}"}""");
    }
}
