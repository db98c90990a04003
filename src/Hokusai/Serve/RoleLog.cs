using Microsoft.Extensions.Logging;

namespace Hokusai.Serve;

/// <summary>What is logged of a role's start.</summary>
internal static partial class RoleLog
{
    [LoggerMessage(6000, LogLevel.Warning, "{Role}: {Reason}; tried again for up to {Seconds} s", EventName = "DatabaseIsAway")]
    public static partial void DatabaseIsAway(ILogger logger, string role, string reason, double seconds);

    [LoggerMessage(6001, LogLevel.Information, "{Role}: its database is there, after {Seconds} s", EventName = "DatabaseIsThere")]
    public static partial void DatabaseIsThere(ILogger logger, string role, double seconds);
}
