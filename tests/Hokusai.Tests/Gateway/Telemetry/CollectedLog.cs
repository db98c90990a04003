using Microsoft.Extensions.Logging;

namespace Hokusai.Tests.Gateway.Telemetry;

/// <summary>Keeps log lines.</summary>
internal sealed class CollectedLog : ILogger
{
    public List<(EventId Id, LogLevel Level, string Text)> Lines { get; } = [];

    public string Text => string.Join('\n', Lines.Select(l => l.Text));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add((eventId, logLevel, formatter(state, exception)));
}
