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
    public static partial void Audited(ILogger logger, string act, string subject, string actorKeyId, string detail);

    [LoggerMessage(3005, LogLevel.Warning, "Key {KeyId} ({Display}) of {UserId} ends on {End}: rotate it with 'hokusai keys rotate {KeyId}'", EventName = "KeyExpiring")]
    public static partial void Expiring(ILogger logger, string keyId, string display, string userId, string end);

    [LoggerMessage(3006, LogLevel.Warning, "Ends of rotations, uses and expiry warnings have to wait: {Reason}", EventName = "KeysLifeCycleWaits")]
    public static partial void LifeCycleWaits(ILogger logger, Exception error, string reason);
}
