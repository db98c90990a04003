using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Edge;

/// <summary>Log messages of the edge: event ids 1000 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning, "{Method} {Path}: rule {Rule}, target {Target} failed at {Error}: {Reason}", EventName = "TargetFailed")]
    public static partial void TargetFailed(ILogger logger, string method, string path, string rule, string target, ForwarderError error, string reason);
}
