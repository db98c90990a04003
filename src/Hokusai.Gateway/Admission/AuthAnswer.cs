using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Admission;

/// <summary>
/// Reads what an auth service answered. Any service with the contract will do, so an answer is trusted only as far as it fits:
/// whatever is odd means "auth unavailable", never "bad key".
/// </summary>
internal static class AuthAnswer
{
    private const int LongestMessage = 300;

    public static KeyVerdict Read(HttpStatusCode status, ReadOnlySpan<byte> body) => status switch
    {
        HttpStatusCode.OK => ReadKey(body),
        HttpStatusCode.Unauthorized => ReadDenial(body),
        HttpStatusCode.UnprocessableEntity when DenialOf(body)?.ErrorCode == KeyDenialCodes.ServiceUnknown => new KeyVerdict(null, FailurePlace.ServiceUnknown),
        _ => KeyVerdict.Unavailable($"It answered {(int)status}."),
    };

    /// <summary>Why a key was refused; null if that can't be read.</summary>
    public static KeyDenial? DenialOf(ReadOnlySpan<byte> body) => TryRead(body, KeyValidationJson.Default.KeyDenial);

    private static KeyVerdict ReadKey(ReadOnlySpan<byte> body)
    {
        if (TryRead(body, KeyValidationJson.Default.ValidatedKey) is not { UserId.Length: > 0, KeyId.Length: > 0, Scopes: not null } key || key.Scopes.Contains(null!) || SaysInvalid(body))
            return KeyVerdict.Unavailable("It answered 200 without user_id, key_id and scopes.");
        return AdmittedKey.TryMake(key, out var fault) is { } admitted ? new KeyVerdict(admitted) : KeyVerdict.Unavailable(fault!);
    }

    private static KeyVerdict ReadDenial(ReadOnlySpan<byte> body)
    {
        var denial = DenialOf(body);
        FailurePlace? place = denial?.ErrorCode switch
        {
            KeyDenialCodes.Unknown => FailurePlace.KeyUnknown,
            KeyDenialCodes.Expired => FailurePlace.KeyExpired,
            KeyDenialCodes.Revoked => FailurePlace.KeyRevoked,
            KeyDenialCodes.Disabled => FailurePlace.KeyDisabled,
            _ => null,
        };
        if (place is null) return KeyVerdict.Unavailable("It answered 401 without a reason that is known.");
        // It is remembered with the refusal, many thousand times in a flood.
        var message = denial!.Message ?? "";
        return new KeyVerdict(null, place, KeyRedactor.Redact(message.Length > LongestMessage ? message[..LongestMessage] : message));
    }

    // Some services answer 200 to everything and put the verdict into a field.
    private static bool SaysInvalid(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.TryGetProperty("valid", out var valid) && valid.ValueKind == JsonValueKind.False;
    }

    private static T? TryRead<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
