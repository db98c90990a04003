using Hokusai.Storage;

namespace Hokusai.Keys.Audit;

/// <summary>Writes down what was done to keys, for good.</summary>
internal interface IAuditTrail
{
    /// <summary>Records an act that has no transaction of its own.</summary>
    /// <param name="act">One of <see cref="AuditActs"/>.</param>
    /// <param name="actorKeyId">Id of the admin's key, or <see cref="AuditActs.Service"/>.</param>
    /// <param name="subject">What it was done to: a key's id, a pepper's id.</param>
    /// <param name="detail">A JSON object. Keys in it are cut to their prefix.</param>
    /// <param name="cancellation">Gives up before it is written.</param>
    Task RecordAsync(string act, string actorKeyId, string subject, string detail, CancellationToken cancellation);

    /// <summary>Records an act in the transaction that does it: both are kept, or neither. Call it last: until the commit others wait for the log's head.</summary>
    /// <param name="session">The open transaction.</param>
    /// <param name="act">One of <see cref="AuditActs"/>.</param>
    /// <param name="actorKeyId">Id of the admin's key, or <see cref="AuditActs.Service"/>.</param>
    /// <param name="subject">What it was done to.</param>
    /// <param name="detail">A JSON object.</param>
    void Record(Session session, string act, string actorKeyId, string subject, string detail);
}

/// <summary>What is recorded.</summary>
internal static class AuditActs
{
    public const string FirstKey = "key.first";
    public const string Create = "key.create";
    public const string Update = "key.update";
    public const string Rotate = "key.rotate";
    public const string Retire = "key.retire";
    public const string Disable = "key.disable";
    public const string Enable = "key.enable";
    public const string Revoke = "key.revoke";
    public const string Import = "key.import";
    public const string PepperChange = "pepper.change";
    public const string Start = "service.start";
    public const string Denied = "key.denied";

    /// <summary>The actor where no admin acted.</summary>
    public const string Service = "service";
}
