using System.Text.Json.Serialization;

namespace Hokusai.Keys.Audit;

/// <summary>One entry of the audit log, as it is stored, hashed and exported.</summary>
/// <param name="Seq">Its number: 1, 2, 3, … without a gap.</param>
/// <param name="At">When, as UTC in ISO 8601 with milliseconds.</param>
/// <param name="Act">What was done, such as <c>key.create</c>.</param>
/// <param name="Actor">Id of the admin's key that did it, or <c>service</c>.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Detail">A JSON object, as text: its bytes are part of the hash.</param>
/// <param name="Previous">Hash of the entry before it; 64 zeros for the first.</param>
/// <param name="Hash">SHA-256 of all the others, see <see cref="AuditChain"/>.</param>
public sealed record AuditEntry(long Seq, string At, string Act, string Actor, string Subject, string Detail, string Previous, string Hash);

/// <summary>The newest entry's number and hash. Kept elsewhere, it proves later that nothing up to it was changed.</summary>
/// <param name="Seq">The number; 0 for an empty log.</param>
/// <param name="Hash">The hash.</param>
public sealed record AuditHead(long Seq, string Hash)
{
    /// <summary>As <c>--expect</c> takes it.</summary>
    public override string ToString() => $"{Seq}:{Hash}";
}

/// <summary>Answer of <c>GET /api/v1/keys/audit?after=SEQ</c>, and the form of an export.</summary>
/// <param name="Entries">Entries in their order.</param>
/// <param name="Head">The log's head when they were read.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, AuditHead Head);

/// <summary>JSON of the audit log. What lacks a field or holds null in its place is no export.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(AuditReport))]
public sealed partial class AuditJson : JsonSerializerContext;
