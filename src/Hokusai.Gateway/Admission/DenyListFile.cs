using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>Reads the deny list again when its file changes. For emergencies: it works while the auth service does not, or can't be trusted.</summary>
/// <remarks>By content and not by time of change: files that are mounted are replaced by links, and an editor may write twice within a tick.</remarks>
internal sealed class DenyListFile : IAsyncDisposable
{
    private const int Largest = 16 * 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private volatile DenyList _current = DenyList.Empty;
    private string? _text;
    private string? _fault;

    public DenyListFile(string? path, TimeProvider time, ILogger logger)
    {
        (_path, _time, _logger) = (path ?? "", time, logger);
        if (path is null)
        {
            _loop = Task.CompletedTask;
            return;
        }
        Look();
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>The list as it was read last.</summary>
    public DenyList Current => _current;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, _time, _stop.Token);
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private void Look()
    {
        if (Read() is not { } text || text == _text) return;
        var isFirst = _text is null;
        _text = text;
        var list = DenyList.Parse(text, out var faults);
        foreach (var fault in faults) Log.DenyListBroken(_logger, _path, fault);
        // A file that is half written must not let go what it named before. At the start there is no list that would be better.
        if (faults.Count > 0 && !isFirst) return;
        _current = list;
        Log.DenyListRead(_logger, _path, list.Count);
    }

    private string? Read()
    {
        try
        {
            if (new FileInfo(_path) is { Exists: true, LinkTarget: null, Length: > Largest }) throw new IOException("it is larger than 16 MiB");
            var text = File.ReadAllText(_path);
            _fault = null;
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_fault != e.Message) Log.DenyListUnreadable(_logger, _path, e.Message);
            _fault = e.Message;
            return null;
        }
    }
}
