using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Sessions;

/// <summary>Log messages about browsers' sessions: event ids 2090 to 2099.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(2090, LogLevel.Information, "Browsers' sessions end with this process: neither sessionSecret nor sessionSecretFile is set", EventName = "SessionSecretIsRandom")]
    public static partial void SecretIsRandom(ILogger logger);
}
