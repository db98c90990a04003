namespace Hokusai.Gateway.Shield;

/// <summary>
/// What <see cref="RedisShieldStore"/> runs inside Redis, where nothing comes between. A fingerprint has two hashes: KEYS[1] holds
/// "STATE BORN UNTIL" for each create (state H held, F flying, O orphaned, W owed, D delivering; BORN in microseconds, UNTIL in ms, by Redis's own clock, since
/// the gateways' clocks differ), KEYS[2] the outcomes. Both end by themselves when nobody touches them any more.
/// </summary>
internal static class RedisShieldScripts
{
    /// <summary>ARGV: id, may hold (1 or 0), flight ms, delivery ms, window ms, key life ms, held ms. Returns { verdict, id, outcome }; the rules are those of <see cref="MemoryShieldStore"/>.</summary>
    public const string Enter = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local me, known = t[1] * 1000000 + t[2], false
        local all = redis.call('HGETALL', KEYS[1])
        local owed, owedBorn, orphaned, earliest
        local owedCount, held = 0, {}
        for i = 1, #all, 2 do
          local id = all[i]
          local state, born, till = string.match(all[i + 1], '^(%u) (%d+) (%d+)$')
          born, till = tonumber(born), tonumber(till)
          if state == 'D' and till <= now then
            state, till = 'W', till + ARGV[5]
          end
          if till <= now then
            redis.call('HDEL', KEYS[1], id)
            redis.call('HDEL', KEYS[2], id)
          elseif state == 'W' then
            owedCount = owedCount + 1
            if not owed or born < owedBorn then owed, owedBorn = id, born end
          elseif state == 'O' then
            orphaned = true
          elseif id == ARGV[1] then
            me, known = born, true
          else
            if state == 'H' then held[#held + 1] = born end
            if not earliest or born < earliest then earliest = born end
          end
        end
        local elders = 0
        for _, born in ipairs(held) do
          if born < me then elders = elders + 1 end
        end
        if owedCount > elders then
          local outcome = redis.call('HGET', KEYS[2], owed)
          if outcome then
            if known then redis.call('HDEL', KEYS[1], ARGV[1]) end
            redis.call('HSET', KEYS[1], owed, string.format('D %.0f %.0f', owedBorn, now + ARGV[4]))
            redis.call('PEXPIRE', KEYS[1], ARGV[6])
            redis.call('PEXPIRE', KEYS[2], ARGV[6])
            return { 'replay', owed, outcome }
          end
          redis.call('HDEL', KEYS[1], owed)
          owedCount = owedCount - 1
        end
        local state, verdict, life = 'F', 'send', ARGV[3]
        if orphaned or owedCount > 0 then
          state, verdict, life = 'H', 'wait', ARGV[7]
        elseif earliest and earliest < me and ARGV[2] == '1' then
          state, verdict, life = 'H', 'hold', ARGV[7]
        end
        redis.call('HSET', KEYS[1], ARGV[1], string.format('%s %.0f %.0f', state, me, now + life))
        redis.call('PEXPIRE', KEYS[1], ARGV[6])
        return { verdict }
        """;

    /// <summary>ARGV: id, state, life ms, key life ms, outcome (may be empty).</summary>
    public const string Put = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local known = redis.call('HGET', KEYS[1], ARGV[1])
        local born = known and string.match(known, '^%u (%d+)') or string.format('%.0f', t[1] * 1000000 + t[2])
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. born .. ' ' .. string.format('%.0f', now + ARGV[3]))
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        if ARGV[5] ~= '' then
          redis.call('HSET', KEYS[2], ARGV[1], ARGV[5])
          redis.call('PEXPIRE', KEYS[2], ARGV[4])
        end
        """;

    /// <summary>ARGV: id.</summary>
    public const string Remove = """
        redis.call('HDEL', KEYS[1], ARGV[1])
        redis.call('HDEL', KEYS[2], ARGV[1])
        """;
}
