using Hokusai.Contracts.Keys;
using Hokusai.Gateway;
using Hokusai.Gateway.Admission;
using Hokusai.Gateway.Forwarding;
using Hokusai.Tests.Gateway.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.Tests.Gateway.Admission;

/// <summary>What is remembered of keys, an auth service whose answers are a delegate, and a clock that stands still.</summary>
internal sealed class VerdictBench : IDisposable
{
    private int _asked;

    public VerdictBench(Func<GatewayOptions, GatewayOptions>? configure = null) =>
        Verdicts = new KeyVerdicts((key, _) => Ask(key), configure?.Invoke(new GatewayOptions()) ?? new GatewayOptions(), Time, Log);

    public FakeTimeProvider Time { get; } = new();

    public CollectedLog Log { get; } = new();

    public KeyVerdicts Verdicts { get; }

    public ApiKey Key { get; } = ApiKey.Mint();

    /// <summary>Questions that reached the auth service.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>The auth service; every key is good without it.</summary>
    public Func<ApiKey, Task<KeyVerdict>> Answer { get; set; } = _ => Task.FromResult(Good());

    public static KeyVerdict Good(string id = "key_1", DateTimeOffset? end = null) => new(AdmittedKey.TryMake(new ValidatedKey("ada", id, "hokusai-gateway", Scopes.All, ExpiresAt: end), out _));

    public static KeyVerdict Refused(FailurePlace place = FailurePlace.KeyUnknown) => new(null, place, "No.");

    public static Task<KeyVerdict> Away() => Task.FromResult(KeyVerdict.Unavailable("It answered 500."));

    public static Task<KeyVerdict> Silence() => new TaskCompletionSource<KeyVerdict>().Task;

    public Task<(KeyVerdict Verdict, string Source)> GetAsync(ApiKey? key = null, bool writes = false) =>
        Verdicts.GetAsync(key ?? Key, KeyFingerprint.Of(key ?? Key), "192.0.2.1", writes).AsTask();

    public async Task<string> SourceAsync(bool writes = false)
    {
        var (verdict, source) = await GetAsync(writes: writes);
        return verdict.Failure is { } place ? $"{place} {source}" : source;
    }

    public void Dispose() => Verdicts.Dispose();

    private Task<KeyVerdict> Ask(ApiKey key)
    {
        Interlocked.Increment(ref _asked);
        return Answer(key);
    }
}
