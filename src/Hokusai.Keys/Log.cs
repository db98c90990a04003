using System.Text.Json.Nodes;
using Hokusai.Contracts.Keys;
using Microsoft.Extensions.Logging;

namespace Hokusai.Keys;

/// <summary>Log messages of the auth service: event ids 3000 to 3999. Retired: 3000, 3001.</summary>
internal static partial class Log
{
    [LoggerMessage(3002, LogLevel.Error, "{Method} {Path} failed", EventName = "KeysFailed")]
    public static partial void Failed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(3003, LogLevel.Warning, "The key store is empty, so nobody can issue a key: start once with --bootstrap, which prints the first one", EventName = "KeysEmpty")]
    public static partial void Empty(ILogger logger);

    [LoggerMessage(3004, LogLevel.Information, "{Act} {Subject} by {ActorKeyId}: {Detail}", EventName = "KeyAct")]
    private static partial void ActLine(ILogger logger, string act, string subject, string actorKeyId, string detail);

    /// <summary>What was recorded in the audit log. Its serializer escapes whatever could break a line, and what looks like a key is cut.</summary>
    public static void Act(ILogger logger, string act, string subject, string actorKeyId, JsonObject detail)
    {
        if (logger.IsEnabled(LogLevel.Information)) ActLine(logger, act, subject, actorKeyId, KeyRedactor.Redact(detail.ToJsonString()));
    }

    [LoggerMessage(3005, LogLevel.Warning, "Key {KeyId} ({Display}) of {UserId} ends on {End}: rotate it with 'hokusai keys rotate {KeyId}'", EventName = "KeyExpiring")]
    public static partial void Expiring(ILogger logger, string keyId, string display, string userId, string end);

    [LoggerMessage(3006, LogLevel.Warning, "Ends of rotations, uses and expiry warnings have to wait: {Reason}", EventName = "KeysLifeCycleWaits")]
    public static partial void LifeCycleWaits(ILogger logger, Exception error, string reason);

    [LoggerMessage(3040, LogLevel.Error, "{Count} refusals could not be written to the audit log; they are kept for the next minute", EventName = "DenialsNotRecorded")]
    public static partial void DenialsNotRecorded(ILogger logger, Exception error, long count);

    [LoggerMessage(3041, LogLevel.Information, "The audit log's head is {Head}", EventName = "AuditHead")]
    public static partial void AuditHead(ILogger logger, Audit.AuditHead head);
}
