using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>Keeps everything that is logged, from debug level up, as text: message, fields, scopes and exceptions.</summary>
internal sealed class CollectedLogs : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _entries = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>The entries so far, oldest first.</summary>
    public IReadOnlyCollection<string> Entries => _entries;

    /// <summary>All entries as one text.</summary>
    public string Text => string.Join('\n', _entries);

    /// <summary>Name of an event at which logging fails, as a full disk would make it.</summary>
    public string? FailAt { get; set; }

    /// <summary>The newest entries as one text, to be shown when something failed.</summary>
    public string Tail(int count) => string.Join('\n', _entries.TakeLast(count));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // The text is read after the servers that write it are gone.
    }

    // At once, not when it is read: fields may be objects that belong to a request and are reused after it.
    private void Add<TState>(string category, LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (id.Name is not null && id.Name == FailAt) throw new IOException($"the log fails at {id.Name}");
        var text = new StringBuilder();
        text.Append(level).Append(' ').Append(category).Append('[').Append(id.Id).Append(' ').Append(id.Name).Append("] ").Append(formatter(state, exception));
        AppendFields(text.Append(" {"), state);
        text.Append('}');
        _scopes.ForEachScope(static (scope, into) => AppendFields(into.Append(" => ").Append(scope).Append(" {"), scope).Append('}'), text);
        if (exception is not null) text.Append('\n').Append(exception);
        _entries.Enqueue(text.ToString());
    }

    private static StringBuilder AppendFields(StringBuilder text, object? state)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> fields) return text;
        foreach (var (name, value) in fields) text.Append(' ').Append(name).Append('=').Append(value);
        return text;
    }

    private sealed class Logger(CollectedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logs._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) logs.Add(category, logLevel, eventId, state, exception, formatter);
        }
    }
}
