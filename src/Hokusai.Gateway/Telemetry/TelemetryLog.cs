using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Telemetry;

/// <summary>Log messages of the telemetry: event ids 2300 to 2399.</summary>
internal static partial class TelemetryLog
{
    // At Information, though it is for debugging: whoever switched it on at run time must see it without another log level.
    [LoggerMessage(2300, LogLevel.Information, "Debug {RequestId} rule {RuleId}: {Method} {Target} headers {Headers} body {Body}", EventName = "DebugRequest")]
    public static partial void DebugRequest(ILogger logger, string requestId, string ruleId, string method, string target, string headers, string body);

    [LoggerMessage(2301, LogLevel.Information, "Debug {RequestId} rule {RuleId}: answered {Status} headers {Headers} body {Body}", EventName = "DebugResponse")]
    public static partial void DebugResponse(ILogger logger, string requestId, string ruleId, int status, string headers, string body);

    [LoggerMessage(2302, LogLevel.Warning, "Debug logging switched on for {What} until {Until:O} by key {KeyId}, rule {RuleId}", EventName = "DebugSwitchedOn")]
    public static partial void DebugSwitchedOn(ILogger logger, string what, DateTimeOffset until, string keyId, string ruleId);

    [LoggerMessage(2303, LogLevel.Warning, "Debug logging rule {RuleId} switched off by key {KeyId}", EventName = "DebugSwitchedOff")]
    public static partial void DebugSwitchedOff(ILogger logger, string ruleId, string keyId);

    [LoggerMessage(2310, LogLevel.Warning, "EMF lines could not be written: {Reason}", EventName = "EmfLost")]
    public static partial void EmfLost(ILogger logger, string reason);

    [LoggerMessage(2311, LogLevel.Information, "Traces and metrics go to {Endpoint} by OTLP ({Transport})", EventName = "OtlpStarted")]
    public static partial void OtlpStarted(ILogger logger, string endpoint, OtlpTransport transport);
}
