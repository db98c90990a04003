using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>Keeps everything that is logged, from debug level up, as text: message, fields, scopes and exceptions.</summary>
internal sealed class CollectedLogs : ILoggerProvider, ISupportExternalScope
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _entries = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>The entries so far, oldest first.</summary>
    public IReadOnlyCollection<string> Entries => _entries;

    private string Text => string.Join('\n', _entries);

    /// <summary>Name of an event at which logging fails, as a full disk would make it.</summary>
    public string? FailAt { get; set; }

    /// <summary>The newest entries as one text, to be shown when something failed.</summary>
    public string Tail(int count) => string.Join('\n', _entries.TakeLast(count));

    /// <summary>Waits for an entry. What a client sees, an answer or a connection's end, comes before the line that tells of it as often as after.</summary>
    public Task HasAsync(string text) => HasAsync(entry => entry.Contains(text, StringComparison.Ordinal), text);

    /// <inheritdoc cref="HasAsync(string)"/>
    public async Task HasAsync(Func<string, bool> matches, [CallerArgumentExpression(nameof(matches))] string what = "")
    {
        await ReachedAsync(1, matches);
        Assert.True(_entries.Any(matches), $"no entry with {what} in the log, which ends so:\n{Tail(10)}");
    }

    /// <summary>Waits for so many entries; more are wrong.</summary>
    public async Task HasAsync(int count, string text)
    {
        bool Matches(string entry) => entry.Contains(text, StringComparison.Ordinal);
        await ReachedAsync(count, Matches);
        Assert.True(_entries.Count(Matches) == count, $"{_entries.Count(Matches)} entries with {text} in the log instead of {count}; it ends so:\n{Tail(10)}");
    }

    /// <summary>Waits for an entry, which must be the only one of its kind.</summary>
    public async Task<string> OneAsync(Func<string, bool> matches)
    {
        await ReachedAsync(1, matches);
        return Assert.Single(_entries, entry => matches(entry));
    }

    /// <summary>What must not be told is not in the log, nor in an answer.</summary>
    public void Lacks(string text, string answer = "") => Assert.DoesNotContain(text, Text + answer, StringComparison.Ordinal);

    private async Task ReachedAsync(int count, Func<string, bool> matches)
    {
        try
        {
            await Until.TrueAsync("the log", Wait, () => _entries.Count(matches) >= count);
        }
        catch (TimeoutException)
        {
            // The caller says what is missing.
        }
    }

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
