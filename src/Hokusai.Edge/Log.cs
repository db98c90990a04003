using Hokusai.Edge.Health;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Hokusai.Edge;

/// <summary>Log messages of the edge: event ids 1000 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning, "{Method} {Path}: rule {Rule}, target {Target} failed at {Error}, answered {Status}: {Reason}", EventName = "TargetFailed")]
    public static partial void TargetFailed(ILogger logger, string method, string path, string rule, string target, ForwarderError error, int status, string reason);

    [LoggerMessage(1001, LogLevel.Debug, "{Method} {Path}: rule {Rule}, target {Target}: 460, the client went away", EventName = "ClientWentAway")]
    public static partial void ClientWentAway(ILogger logger, string method, string path, string rule, string target);

    [LoggerMessage(EventId = 1002, EventName = "TargetChanged", Message = "{Group} {Target}: {Before} is now {State} {Reason} {Description}")]
    public static partial void TargetChanged(ILogger logger, LogLevel level, string group, string target, TargetState before, TargetState state, string reason, string description);

    [LoggerMessage(1003, LogLevel.Warning, "{Group}: {What} ({Healthy} of {Registered} healthy)", EventName = "FailOpen")]
    public static partial void FailOpen(ILogger logger, string group, string what, int healthy, int registered);

    [LoggerMessage(1004, LogLevel.Information, "{Group} {Target}: taken out, {Outstanding} requests under way may take up to {Delay}", EventName = "TargetDrains")]
    public static partial void TargetDrains(ILogger logger, string group, string target, int outstanding, TimeSpan delay);

    [LoggerMessage(1005, LogLevel.Warning, "{Group} {Target}: the deregistration delay is over, {Outstanding} requests are cut", EventName = "TargetCut")]
    public static partial void TargetCut(ILogger logger, string group, string target, int outstanding);

    [LoggerMessage(1006, LogLevel.Warning, "{Method} {Path}: rule {Rule}: 503, {Reason}", EventName = "NoTarget")]
    public static partial void NoTarget(ILogger logger, string method, string path, string rule, string reason);

    [LoggerMessage(1007, LogLevel.Warning, "{Method} {Path}: rule {Rule}: 500, its transform makes of it what can't be sent", EventName = "TransformFailed")]
    public static partial void TransformFailed(ILogger logger, string method, string path, string rule);

    [LoggerMessage(1008, LogLevel.Debug, "{Method} {Path}: refused with {Status}", EventName = "RequestRefused")]
    public static partial void RequestRefused(ILogger logger, string method, string path, int status);
}
