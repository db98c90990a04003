using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Hokusai.Gateway.Authorization;

/// <summary>Where a filtered search goes on: a page of the upstream's, and how many of its items are done with.</summary>
/// <param name="Token">The upstream's token of the page; null for the first.</param>
/// <param name="PageSize">The size by which that page was asked for: another size would make it another page.</param>
/// <param name="Done">How many of its items were looked at.</param>
internal sealed record SearchPosition(string? Token, int PageSize, int Done);

/// <summary>
/// Writes positions into tokens that tell a client nothing and that it can't change: how many items it does not see is not for it to know.
/// </summary>
internal sealed class PageTokens
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _key;

    /// <param name="options">
    /// The secret is made of settings that all gateways in front of one MLflow share and clients do not see, so that any of them can go on
    /// where another one stopped. Whoever guesses it learns how many items are hidden from him, and no more: each page is filtered anew.
    /// </param>
    public PageTokens(GatewayOptions options) =>
        _key = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', "hokusai page token", options.Upstream, options.AuthService, options.ServiceId, options.ServiceToken, options.Redis)));

    /// <summary>A token for a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="owner">The key and endpoint that it is for.</param>
    public string Write(SearchPosition position, string owner)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(new object?[] { position.Token, position.PageSize, position.Done });
        var message = new byte[NonceLength + TagLength + plain.Length];
        var nonce = message.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Encrypt(nonce, plain, message.AsSpan(NonceLength + TagLength), message.AsSpan(NonceLength, TagLength), Encoding.UTF8.GetBytes(owner));
        return Base64Url.EncodeToString(message);
    }

    /// <summary>The position of a token; null if it was not made for this owner.</summary>
    public SearchPosition? Read(string token, string owner)
    {
        try
        {
            var given = Base64Url.DecodeFromChars(token);
            if (given.Length <= NonceLength + TagLength) return null;
            var plain = new byte[given.Length - NonceLength - TagLength];
            using var cipher = new AesGcm(_key, TagLength);
            cipher.Decrypt(given.AsSpan(0, NonceLength), given.AsSpan(NonceLength + TagLength), given.AsSpan(NonceLength, TagLength), plain, Encoding.UTF8.GetBytes(owner));
            using var document = JsonDocument.Parse(plain);
            return new SearchPosition(document.RootElement[0].GetString(), document.RootElement[1].GetInt32(), document.RootElement[2].GetInt32());
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }
}
