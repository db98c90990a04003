#:project ../../src/Hokusai.Gateway/Hokusai.Gateway.csproj
#:property AssemblyName=Hokusai.Tests
#:property RestorePackagesWithLockFile=false
#:property UseArtifactsOutput=false
#:property PublishAot=false

// What limits add to a request, in ns and bytes: dotnet run -c Release bench/limits/limits.cs [REDIS]
// With REDIS (HOST:PORT) also what a question to it takes. The assembly's name lets it see the gateway's inside, as it lets the tests.
using System.Globalization;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Limits;
using Hokusai.Gateway.Shield;
using Hokusai.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

const int Times = 2_000_000;
var time = TimeProvider.System;
var plan = RatePlan.OfKey(int.MaxValue, new LimitOptions())!.Value;
var slow = RatePlan.OfKey(1000, new LimitOptions())!.Value;
var names = Enumerable.Range(0, 100_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"key_{i}")).ToArray();

var table = new BucketTable(1_000_000, time);
Report("bucket, one key, served", Times, i => table.Draw(Draw.Take, "key", plan));
Report("bucket, one key, refused", Times, i => table.Draw(Draw.Take, "slow", slow));
Report("bucket, 100,000 keys", Times, i => table.Draw(Draw.Take, names[i % names.Length], plan));
Parallel("bucket, one key, 2 threads", 2, i => table.Draw(Draw.Take, "key", plan));

var limits = new RequestLimits(new LimitOptions(), null, new GatewayMetrics(time), time, NullLogger.Instance, () => 0);
var endpoint = new MlflowEndpoint("GET /api/2.0/mlflow/experiments/search", EndpointClass.Read, BodyClass.Metadata, RetryClass.Safe);
var http = new DefaultHttpContext();
http.Features.Set<IHttpResponseFeature>(new Response());
Report("stage, key without limits", Times, i => Enter(limits, null));
Report("stage, key with a limit", Times, i => Enter(limits, int.MaxValue));
Report("stage, key with a limit, headers written", Times, i =>
{
    Enter(limits, int.MaxValue);
    ((Response)http.Features.Get<IHttpResponseFeature>()!).Start();
});

if (args is [var redis])
{
    var shared = new SharedBuckets("bench", table, new LimitRedis(await RedisShieldStore.ConnectAsync(redis), TimeSpan.FromSeconds(1), time, NullLogger.Instance));
    Report("Redis, one after the other", 20_000, i => shared.DrawAsync(Draw.Take, "key", slow).AsTask().GetAwaiter().GetResult());
    var began = time.GetTimestamp();
    await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
    {
        for (var i = 0; i < 2_000; i++) await shared.DrawAsync(Draw.Take, "key", slow);
    })));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"Redis, 32 at once",-45} {64_000 / time.GetElapsedTime(began).TotalSeconds,10:0} /s"));
}

void Enter(RequestLimits stage, int? perHour)
{
    var exchange = new Exchange { Key = perHour is null ? Keys.Free : Keys.Limited, Endpoint = endpoint };
    // Without Redis it never waits.
    stage.EnterAsync(http, exchange).AsTask().GetAwaiter().GetResult();
}

void Report(string what, int times, Action<int> act)
{
    for (var i = 0; i < Math.Min(times, 200_000); i++) act(i);
    var best = double.MaxValue;
    var bytes = 0L;
    for (var round = 0; round < 5; round++)
    {
        var (began, allocated) = (time.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        for (var i = 0; i < times; i++) act(i);
        best = Math.Min(best, time.GetElapsedTime(began).TotalNanoseconds / times);
        bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / times;
    }
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-45} {best,10:0.0} ns {bytes,6} B"));
}

void Parallel(string what, int threads, Action<int> act)
{
    var began = time.GetTimestamp();
    var all = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
    {
        for (var i = 0; i < Times; i++) act(i);
    })).ToList();
    all.ForEach(t => t.Start());
    all.ForEach(t => t.Join());
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-45} {time.GetElapsedTime(began).TotalNanoseconds / Times,10:0.0} ns"));
}

internal static class Keys
{
    public static readonly ValidatedKey Free = new("ada", "key_free", "hokusai-gateway", Scopes.All);
    public static readonly ValidatedKey Limited = Free with { KeyId = "key_limited", RateLimitPerHour = int.MaxValue };
}

internal sealed class Response : HttpResponseFeature
{
    private (Func<object, Task> Call, object State)? _starting;

    public override void OnStarting(Func<object, Task> callback, object state) => _starting = (callback, state);

    public void Start() => _starting?.Call(_starting.Value.State);
}
