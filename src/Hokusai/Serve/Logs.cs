using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Hokusai.Serve;

/// <summary>Where logs go: to standard error, so that standard output holds only what a script reads. JSON in a pipe, plain lines on a terminal.</summary>
internal static class Logs
{
    private const string LevelVariable = "HOKUSAI_LOG_LEVEL";

    /// <summary>A factory that writes to standard error, to <paramref name="extra"/>, or to both.</summary>
    public static ILoggerFactory Create(bool console, ILoggerProvider? extra = null) => LoggerFactory.Create(logging =>
    {
        var level = Level();
        logging.SetMinimumLevel(extra is null ? level : LogLevel.Debug);
        logging.AddFilter<ConsoleLoggerProvider>("Hokusai", level);
        // The framework writes paths, queries and broken request lines as they came, with whatever key stands in them:
        // what is known of a request is logged by the hops themselves, redacted. Its warnings and errors stay.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.None);
        logging.AddFilter("Yarp", LogLevel.None);
        if (extra is not null) logging.AddProvider(extra);
        if (!console) return;
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Console.IsErrorRedirected)
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }
        else
        {
            logging.AddSimpleConsole(plain =>
            {
                plain.SingleLine = true;
                plain.TimestampFormat = "HH:mm:ss.fff ";
                plain.ColorBehavior = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? LoggerColorBehavior.Default : LoggerColorBehavior.Disabled;
            });
        }
    });

    private static LogLevel Level()
    {
        var text = Environment.GetEnvironmentVariable(LevelVariable);
        if (string.IsNullOrEmpty(text)) return LogLevel.Information;
        return Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) ? level : throw CommandFailure.Usage($"{LevelVariable} '{text}': must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}");
    }
}
