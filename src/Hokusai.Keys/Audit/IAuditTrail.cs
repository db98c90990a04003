using Microsoft.Extensions.Logging;

namespace Hokusai.Keys.Audit;

/// <summary>Where it is kept who did what to which key.</summary>
internal interface IAuditTrail
{
    /// <summary>Keeps one act. Nothing of it may hold a key.</summary>
    /// <param name="act">What was done, for example <c>key.revoke</c>.</param>
    /// <param name="actorKeyId">Id of the key by which it was done; a word in brackets for what did it otherwise.</param>
    /// <param name="subject">Id of the key to which it was done.</param>
    /// <param name="detail">What else is worth knowing, in words.</param>
    /// <param name="cancellation">Gives up.</param>
    Task RecordAsync(string act, string actorKeyId, string subject, string detail, CancellationToken cancellation);
}

/// <summary>Acts as log lines.</summary>
internal sealed class LoggedAuditTrail(ILogger logger) : IAuditTrail
{
    public Task RecordAsync(string act, string actorKeyId, string subject, string detail, CancellationToken cancellation)
    {
        Log.Audited(logger, act, subject, actorKeyId, detail);
        return Task.CompletedTask;
    }
}
