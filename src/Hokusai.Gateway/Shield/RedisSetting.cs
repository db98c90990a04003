using System.Net;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Hokusai.Gateway.Shield;

/// <summary>The setting that says where Redis is. Only what is in a known place is shown of it: a mistyped one may hold its password anywhere.</summary>
internal static partial class RedisSetting
{
    private const string Hidden = "(redacted)";

    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "ssl", "sslProtocols", "sslHost", "abortConnect", "allowAdmin", "connectTimeout", "connectRetry", "syncTimeout", "asyncTimeout", "keepAlive", "defaultDatabase", "protocol", "resolveDns", "name",
    };

    /// <summary>What is wrong with it; null if nothing is.</summary>
    public static string? Fault(string redis) => CanBeRead(redis) ? null : $"gateway redis '{Shown(redis)}': can't be read; write HOST:PORT, or HOST:PORT,password=…,ssl=true (no redis:// address)";

    private static bool CanBeRead(string redis)
    {
        try
        {
            var endpoints = ConfigurationOptions.Parse(redis).EndPoints;
            return endpoints.Count > 0 && endpoints.All(endpoint => endpoint is not DnsEndPoint name || Uri.CheckHostName(name.Host) != UriHostNameType.Unknown);
        }
        // Whatever the library's reader does not bear is the setting's fault.
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Shown(string redis)
    {
        var shown = new List<string>();
        foreach (var part in UserInfo().Replace(redis, Hidden + "@").Split(','))
        {
            var (name, value) = part.Split('=', 2) is [var n, var v] ? (n, v) : (part, null);
            shown.Add(value is null || Harmless.Contains(name.Trim()) ? part : $"{name}={Hidden}");
            // A password with a comma in it goes on behind the comma.
            if (shown[^1].EndsWith($"password={Hidden}", StringComparison.OrdinalIgnoreCase)) break;
        }
        return string.Join(',', shown);
    }

    [GeneratedRegex(@"(?<=^|//)[^/,=]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();
}
