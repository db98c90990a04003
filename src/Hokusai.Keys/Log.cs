using Microsoft.Extensions.Logging;

namespace Hokusai.Keys;

/// <summary>Log messages of the auth service: event ids 3000 to 3999.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Key {KeyId} ({Display}) issued to {UserId} with {Scopes} by {AdminKeyId}", EventName = "KeyCreated")]
    public static partial void KeyCreated(ILogger logger, string keyId, string display, string userId, string scopes, string adminKeyId);

    [LoggerMessage(3001, LogLevel.Information, "Key {KeyId} ({Display}) revoked by {AdminKeyId}", EventName = "KeyRevoked")]
    public static partial void KeyRevoked(ILogger logger, string keyId, string display, string adminKeyId);

    [LoggerMessage(3002, LogLevel.Error, "{Method} {Path} failed", EventName = "KeysFailed")]
    public static partial void Failed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(3003, LogLevel.Warning, "The key store is empty, so nobody can issue a key: start once with --bootstrap, which prints the first one", EventName = "KeysEmpty")]
    public static partial void Empty(ILogger logger);

    [LoggerMessage(3040, LogLevel.Error, "{Count} refusals could not be written to the audit log; they are kept for the next minute", EventName = "DenialsNotRecorded")]
    public static partial void DenialsNotRecorded(ILogger logger, Exception error, long count);

    [LoggerMessage(3041, LogLevel.Information, "The audit log's head is {Head}", EventName = "AuditHead")]
    public static partial void AuditHead(ILogger logger, Audit.AuditHead head);
}
