using System.Text.Json.Serialization;

namespace Hokusai.Keys.Peppers;

/// <summary>A pepper and the keys that hang on it. One on which no usable key hangs can be dropped.</summary>
/// <param name="PepperId">Its id.</param>
/// <param name="State">newest, older, or not configured.</param>
/// <param name="Keys">How many keys were hashed with it.</param>
/// <param name="UsableKeys">How many of them are neither revoked nor expired, and did not give way to a successor.</param>
/// <param name="Fingerprint">Tells one secret from another without giving it away.</param>
public sealed record PepperDescription(string PepperId, string State, long Keys, long UsableKeys, string Fingerprint);

/// <summary>Answer of <c>GET /api/v1/keys/peppers</c>.</summary>
/// <param name="Peppers">All that the store knows of, the newest first.</param>
public sealed record PepperList(IReadOnlyList<PepperDescription> Peppers);

/// <summary>JSON of the peppers' status.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PepperList))]
public sealed partial class PepperJson : JsonSerializerContext;
