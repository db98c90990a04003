using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hokusai.Gateway.Sessions;

/// <summary>
/// The two cookies: the session, and one that binds the sign-in form to its browser. Over TLS their names have the prefix <c>__Host-</c>,
/// which a browser takes only from this host itself and only over TLS; the plain name is not believed there.
/// </summary>
internal static class SessionCookie
{
    public const string SessionName = "hokusai_session";
    public const string FormName = "hokusai_form";

    private const string HostPrefix = "__Host-";
    private const string Mark = "hokusai_";

    /// <summary>Whether any session cookie came, good or not.</summary>
    public static bool IsSent(HttpRequest request) => Find(request, SessionName, isTls: false) is not null || Find(request, SessionName, isTls: true) is not null;

    /// <summary>The value of a cookie; null if it was not sent.</summary>
    public static string? Find(HttpRequest request, string name, bool isTls)
    {
        foreach (var header in request.Headers.Cookie)
        {
            if (header is null || !header.Contains(Mark, StringComparison.Ordinal)) continue;
            foreach (var range in header.AsSpan().Split(';'))
            {
                var pair = header.AsSpan()[range].Trim();
                var equals = pair.IndexOf('=');
                if (equals > 0 && pair[..equals].SequenceEqual(isTls ? HostPrefix + name : name)) return pair[(equals + 1)..].Trim('"').ToString();
            }
        }
        return null;
    }

    /// <summary>A <c>Cookie</c> header without the gateway's own; empty if there is no other. What is not its own stays as it came.</summary>
    public static string Without(string header)
    {
        if (!header.Contains(Mark, StringComparison.Ordinal)) return header;
        return string.Join("; ", header.Split(';').Where(pair => !IsOwn(pair.AsSpan().Trim())).Select(pair => pair.Trim()));
    }

    /// <summary>Gives the browser a cookie.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="name">Its name without prefix.</param>
    /// <param name="value">Its value; null takes it away.</param>
    /// <param name="isTls">Whether the browser speaks TLS.</param>
    /// <param name="lifetime">How long it is kept; null for as long as the browser runs.</param>
    public static void Set(HttpResponse response, string name, string? value, bool isTls, TimeSpan? lifetime = null)
    {
        var seconds = value is null ? 0 : (long?)lifetime?.TotalSeconds;
        var age = seconds is { } most ? string.Create(CultureInfo.InvariantCulture, $"; Max-Age={most}") : "";
        response.Headers.SetCookie = StringValues.Concat(response.Headers.SetCookie, $"{(isTls ? HostPrefix : "")}{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{(isTls ? "; Secure" : "")}");
    }

    private static bool IsOwn(ReadOnlySpan<char> pair)
    {
        var name = pair.IndexOf('=') is var equals and >= 0 ? pair[..equals].TrimEnd() : pair;
        if (name.StartsWith(HostPrefix)) name = name[HostPrefix.Length..];
        return name.SequenceEqual(SessionName) || name.SequenceEqual(FormName);
    }
}
