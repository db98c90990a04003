using System.Globalization;
using System.Net;
using System.Text;
using Hokusai.Contracts;
using Hokusai.Contracts.Keys;

namespace Hokusai.Gateway.Admission;

/// <summary>What follows from a good key for each of its requests, worked out once a verdict and not once a request.</summary>
internal sealed class AdmittedKey
{
    /// <summary>How long before a key's end its owner is told.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    private readonly IPNetwork[] _networks;
    private readonly DateTimeOffset _noticeFrom;

    private AdmittedKey(ValidatedKey key, IPNetwork[] networks)
    {
        Key = key;
        _networks = networks;
        UpstreamContext = Encoding.ASCII.GetBytes(
            $"{HokusaiHeaders.UserId}: {Escape(key.UserId)}\r\n{HokusaiHeaders.KeyId}: {Escape(key.KeyId)}\r\n{HokusaiHeaders.Scopes}: {string.Join(',', key.Scopes.Select(Escape))}\r\n");
        _noticeFrom = key.ExpiresAt is { } end && end - DateTimeOffset.MinValue > Notice ? end - Notice : DateTimeOffset.MaxValue;
        Expires = key.ExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
    }

    public ValidatedKey Key { get; }

    /// <summary>The header fields that tell the upstream whose request it is, as they stand on the wire.</summary>
    public byte[] UpstreamContext { get; }

    /// <summary>When the key ends (RFC 3339); empty for never.</summary>
    public string Expires { get; }

    /// <summary>Reads what an auth service said of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fault">What is odd about it.</param>
    /// <returns>Null if it is odd: networks that can't be read must not become networks that allow everything.</returns>
    public static AdmittedKey? TryMake(ValidatedKey key, out string? fault)
    {
        fault = null;
        var networks = new IPNetwork[key.AllowedNetworks?.Count ?? 0];
        for (var i = 0; i < networks.Length; i++)
        {
            if (ClientAddress.TryParseNetwork(key.AllowedNetworks![i], out networks[i])) continue;
            fault = "It named an allowed network that is none.";
            return null;
        }
        return new AdmittedKey(key, networks);
    }

    /// <summary>Whether the key may be used from an address.</summary>
    public bool Allows(string clientIp) => _networks.Length == 0 || (IPAddress.TryParse(clientIp, out var address) && Array.Exists(_networks, n => n.Contains(address)));

    /// <summary>Whether the key ends so soon that its owner should know.</summary>
    public bool EndsSoon(DateTimeOffset now) => now >= _noticeFrom;

    // The auth service's words, and with them its users': a line break would begin a field of their own, a letter beyond ASCII none at all.
    private static string Escape(string value) => value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Uri.EscapeDataString(value) : value;
}
