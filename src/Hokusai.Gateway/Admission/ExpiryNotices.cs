using Hokusai.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hokusai.Gateway.Admission;

/// <summary>Tells of keys that end soon: with each answer, and in the log once a day.</summary>
internal sealed class ExpiryNotices(ILogger logger)
{
    private const int MostKeys = 10_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private DateTime _day;

    public void Tell(HttpContext http, AdmittedKey admitted, DateTimeOffset now)
    {
        if (!admitted.EndsSoon(now)) return;
        http.Response.Headers[HokusaiHeaders.KeyExpires] = admitted.Expires;
        if (IsFirstToday(admitted.Key.KeyId, now.UtcDateTime.Date)) Log.KeyEndsSoon(logger, admitted.Key.KeyId, admitted.Key.UserId, admitted.Expires);
    }

    private bool IsFirstToday(string keyId, DateTime today)
    {
        lock (_lock)
        {
            if (_day != today) _told.Clear();
            _day = today;
            return _told.Count < MostKeys && _told.Add(keyId);
        }
    }
}
