using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Gateway.Shield;

/// <summary>Counts log events by name.</summary>
internal sealed class CollectedEvents : ILogger
{
    private readonly ConcurrentQueue<string> _names = new();

    public int Count(string name) => _names.Count(n => n == name);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _names.Enqueue(eventId.Name ?? "");
}
