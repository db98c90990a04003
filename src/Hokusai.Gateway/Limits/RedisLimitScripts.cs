namespace Hokusai.Gateway.Limits;

/// <summary>What limits run inside Redis, where nothing comes between, by Redis's own clock. What a key holds ends by itself.</summary>
internal static class RedisLimitScripts
{
    /// <summary>
    /// <see cref="Bucket.TryDraw"/>. KEYS[1]: when the bucket is full, in microseconds. ARGV: interval, span, what the gateway knows of the time until
    /// it is full (all in microseconds), and take, look or charge. Returns { whether there was one, time until it is full }.
    /// </summary>
    public const string Draw = """
        local t = redis.call('TIME')
        local now = t[1] * 1000000 + t[2]
        local interval, span, known, draw = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
        local ahead = math.max(0, known, (tonumber(redis.call('GET', KEYS[1])) or 0) - now)
        local fits = ahead + interval <= span
        local takes = draw == 'charge' or (draw == 'take' and fits)
        if takes then ahead = math.min(ahead + interval, draw == 'charge' and 2 * span or span) end
        if takes or known > 0 then redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000)) end
        return { fits and 1 or 0, ahead }
        """;

    /// <summary>
    /// Takes from a day's quota. KEYS[1]: what is used of it. ARGV: the quota, what is wanted, the least that helps, what the gateway knows to be used, and what it
    /// gave out on its own; a negative want gives back. Returns { what is given, what is used with it }.
    /// </summary>
    public const string Spend = """
        local used = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, tonumber(ARGV[4])) + tonumber(ARGV[5])
        local given = math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) - used)
        if given < tonumber(ARGV[3]) then given = 0 end
        used = math.max(0, used + given)
        redis.call('SET', KEYS[1], string.format('%.0f', used), 'EX', 172800)
        return { given, used }
        """;
}
