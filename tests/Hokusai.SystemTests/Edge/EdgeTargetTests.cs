using System.Net.Sockets;
using System.Text;
using Hokusai.Edge.Health;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Hokusai.SystemTests.Edge;

/// <summary>Several targets in a group: who gets requests, and what becomes of one that is taken out.</summary>
public sealed class EdgeTargetTests
{
    private const string Checked = """{"port": 80, "health_check": {"path": "/health?deep=1", "matcher": "200-299", "interval_seconds": 10, "timeout_seconds": 5, "healthy_threshold": 2, "unhealthy_threshold": 2}, "deregistration_delay_seconds": 60}""";

    private readonly CheckClock _time = new();

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_TwoTargets_TakeTurns()
    {
        await using var one = await ScriptedServer.StartAsync();
        await using var two = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([one.Url, two.Url]);

        for (var i = 0; i < 6; i++) Assert.Equal(200, (await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1")).Status);

        Assert.Equal((3, 3), (one.Requests.Count, two.Requests.Count));
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Forward_NoTarget_Is503()
    {
        await using var edge = await EdgeInHand.InFrontOfAsync([]);

        var answer = await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1");

        Assert.Equal(503, answer.Status);
        Assert.Contains("503 Service Temporarily Unavailable", answer.Body, StringComparison.Ordinal);
        Assert.Contains("Server: awselb/2.0", answer.Head, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Check_Target_IsAskedAsTheLoadBalancerAsks()
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], Checked, time: _time);

        await edge.UntilAsync(target.Url, TargetState.Healthy);

        var seen = target.Only;
        Assert.Equal(("GET", "/health?deep=1", "ELB-HealthChecker/2.0", new Uri(target.Url).Authority, "close"), (seen.Method, seen.Target, seen.Header("User-Agent"), seen.Header("Host"), seen.Header("Connection")));
        Assert.Null(seen.Header("X-Forwarded-For"));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("//192.0.2.1:9/x")]
    [InlineData("//[")]
    public async Task Check_PathThatBeginsWithTwoSlashes_AsksTheTarget(string path)
    {
        await using var target = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], Checked.Replace("/health?deep=1", path, StringComparison.Ordinal), time: _time);

        await edge.UntilAsync(target.Url, TargetState.Healthy);

        Assert.Equal(path, target.Only.Target);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Check_TargetThatFails_GetsNoRequestsUntilItIsWell()
    {
        var well = true;
        await using var one = await ScriptedServer.StartAsync(http => ScriptedServer.WriteAsync(http, Volatile.Read(ref well) || !http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) ? 200 : 500, "one"));
        await using var two = await ScriptedServer.StartAsync(ScriptedServer.Answer(200, "two"));
        await using var edge = await EdgeInHand.InFrontOfAsync([one.Url, two.Url], Checked, time: _time);
        await edge.UntilAsync(one.Url, TargetState.Healthy);
        await edge.UntilAsync(two.Url, TargetState.Healthy);
        Assert.Equal(["one", "two"], (await BodiesAsync(edge)).Order());

        Volatile.Write(ref well, false);
        await AdvanceUntilAsync(edge, one.Url, TargetState.Unhealthy);
        Assert.Equal(["two", "two"], await BodiesAsync(edge));
        Assert.Equal(("Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]"), edge.Server.TargetHealth.Where(h => h.Address == one.Url).Select(h => (h.Reason, h.Description)).Single());
        await edge.Logs.HasAsync("1002 TargetChanged");

        Volatile.Write(ref well, true);
        await AdvanceUntilAsync(edge, one.Url, TargetState.Healthy);
        Assert.Equal(["one", "two"], (await BodiesAsync(edge)).Order());
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Check_AllTargetsFail_RequestsGoToAll()
    {
        static Task SickAsync(HttpContext http) => ScriptedServer.WriteAsync(http, http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) ? 503 : 200, "served");
        await using var one = await ScriptedServer.StartAsync(SickAsync, EdgeHop.IsNoCheck);
        await using var two = await ScriptedServer.StartAsync(SickAsync, EdgeHop.IsNoCheck);
        await using var edge = await EdgeInHand.InFrontOfAsync([one.Url, two.Url], Checked, time: _time);
        await AdvanceUntilAsync(edge, one.Url, TargetState.Unhealthy);
        await AdvanceUntilAsync(edge, two.Url, TargetState.Unhealthy);

        Assert.Equal(["served", "served", "served", "served"], [.. await BodiesAsync(edge), .. await BodiesAsync(edge)]);

        Assert.Equal((2, 2), (one.Requests.Count, two.Requests.Count));
        await edge.Logs.HasAsync("1003 FailOpen");
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Check_TargetThatRefusesOrIsSilent_IsToldApart()
    {
        using var taken = RawServer.Refusing(out var nobody);
        await using var silent = await ScriptedServer.StartAsync(ScriptedServer.Silence());
        await using var refused = await EdgeInHand.InFrontOfAsync([nobody], Checked, time: _time);
        await AdvanceUntilAsync(refused, nobody, TargetState.Unhealthy);
        // On a clock that waits for no check.
        var impatient = new FakeTimeProvider();
        await using var ignored = await EdgeInHand.InFrontOfAsync([silent.Url], Checked, time: impatient);
        await Until.TrueAsync("the silent target is unhealthy", TimeSpan.FromSeconds(20), () =>
        {
            impatient.Advance(CheckClock.Step);
            return ignored.Server.TargetHealth.Any(h => h.State == TargetState.Unhealthy);
        });

        Assert.Equal(["Target.FailedHealthChecks", "Target.Timeout"], [.. refused.Server.TargetHealth.Select(h => h.Reason), .. ignored.Server.TargetHealth.Select(h => h.Reason)]);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Check_GroupThatNoRuleUses_IsUnused()
    {
        await using var idle = await ScriptedServer.StartAsync();
        await using var edge = await EdgeInHand.StartAsync(
            """{"default": {"status": 404, "content_type": "text/plain", "body": "no"}, "targets": {"idle": {"port": 80, "health_check": {"path": "/"}}}, "rules": []}""", new() { ["idle"] = [idle.Url] }, time: _time);
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(new TargetHealth("idle", idle.Url, TargetState.Unused, "Target.NotInUse", "Target group is not used by a rule of the listener"), Assert.Single(edge.Server.TargetHealth));
        Assert.Empty(idle.Requests);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Deregister_Target_FinishesWhatRunsAndGetsNothingNew()
    {
        var (asked, go) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var old = await ScriptedServer.StartAsync(async http =>
        {
            asked.TrySetResult();
            await go.Task;
            await ScriptedServer.WriteAsync(http, 200, "old");
        });
        await using var fresh = await ScriptedServer.StartAsync(ScriptedServer.Answer(200, "fresh"));
        await using var edge = await EdgeInHand.InFrontOfAsync([old.Url], time: _time);
        var running = RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1");
        await asked.Task.InTime();

        Assert.True(edge.Server.Register("api", fresh.Url));
        Assert.False(edge.Server.Register("api", fresh.Url));
        Assert.True(edge.Server.Deregister("api", old.Url));
        Assert.False(edge.Server.Deregister("api", old.Url));
        Assert.Equal(["fresh", "fresh"], await BodiesAsync(edge));
        Assert.Contains(edge.Server.TargetHealth, h => h.Address == old.Url && h.State == TargetState.Draining);
        go.SetResult();

        Assert.Equal((200, "old"), ((await running).Status, (await running).Body));
        await Until.TrueAsync("the old target is forgotten", TimeSpan.FromSeconds(20), () => edge.Server.TargetHealth.All(h => h.Address != old.Url));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deregister_RequestThatOutlivesTheDelay_IsCut(bool begun)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = await ScriptedServer.StartAsync(async http =>
        {
            if (begun)
            {
                http.Response.ContentLength = 10;
                await http.Response.WriteAsync("half;");
                await http.Response.Body.FlushAsync();
            }
            asked.TrySetResult();
            await ScriptedServer.Silence()(http);
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], """{"port": 80, "deregistration_delay_seconds": 30}""", time: _time);
        using var client = await RawClient.ConnectAsync(edge.Url);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"u8.ToArray());
        await asked.Task.InTime();
        if (begun) await ReadUntilAsync(client, "half;");
        edge.Server.Deregister("api", target.Url);
        _time.Advance(TimeSpan.FromSeconds(30));

        var answer = await RawClient.ReadAsync(client);
        // Nothing comes after what was there already, and no second answer.
        if (begun) Assert.Equal("", answer.Head);
        else Assert.Equal(502, answer.Status);
        await edge.Logs.HasAsync("1005 TargetCut");
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forward_KeptConnectionThatBreaksUnderARequest_Is502AndNothingIsSentTwice(bool reset)
    {
        var heads = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var target = RawServer.Start(async socket =>
        {
            heads.Enqueue(await RawServer.ReadHeadAsync(socket));
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
            heads.Enqueue(await RawServer.ReadHeadAsync(socket));
            if (reset) RawServer.Reset(socket);
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);

        Assert.Equal(200, (await RawClient.SendAsync(edge.Url, "GET /first HTTP/1.1")).Status);
        Assert.Equal(502, (await RawClient.SendAsync(edge.Url, "GET /second HTTP/1.1")).Status);

        Assert.Equal(["GET /first", "GET /second"], heads.Where(h => h.Length > 0).Select(h => h[..h.LastIndexOf(" HTTP/1.1", h.IndexOf('\r', StringComparison.Ordinal), StringComparison.Ordinal)]));
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Forward_TlsTargetThatSaysGoodbyeUnderARequest_Is502AndNothingIsSentTwice(string method)
    {
        var asked = 0;
        await using var target = RawServer.StartTls(async tls =>
        {
            await RawServer.ReadHeadAsync(tls);
            Interlocked.Increment(ref asked);
            await tls.ShutdownAsync();
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url]);

        Assert.Equal(502, (await RawClient.SendAsync(edge.Url, $"{method} /x HTTP/1.1")).Status);

        Assert.Equal(1, asked);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Check_TargetThatHangsUp_IsAskedOnceEachTime()
    {
        var asked = 0;
        await using var target = RawServer.Start(async socket =>
        {
            if ((await RawServer.ReadHeadAsync(socket)).Length > 0) Interlocked.Increment(ref asked);
        });
        await using var edge = await EdgeInHand.InFrontOfAsync([target.Url], Checked, time: _time);

        await Until.TrueAsync("the first check failed", TimeSpan.FromSeconds(20), () => edge.Server.TargetHealth.Any(h => h.Reason == "Elb.InitialHealthChecking"));

        Assert.Equal(1, asked);
    }

    private static async Task<string[]> BodiesAsync(EdgeInHand edge) =>
        [(await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1")).Body, (await RawClient.SendAsync(edge.Url, "GET /x HTTP/1.1")).Body];

    private static async Task ReadUntilAsync(Socket socket, string end)
    {
        var (seen, buffer) = ("", new byte[1000]);
        while (!seen.Contains(end, StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer).InTime();
            Assert.True(count > 0, "the connection ended after: " + seen);
            seen += Encoding.Latin1.GetString(buffer, 0, count);
        }
    }

    private async Task AdvanceUntilAsync(EdgeInHand edge, string address, TargetState state)
    {
        await Until.TrueAsync($"{address} is {state}", TimeSpan.FromSeconds(20), () =>
        {
            _time.AdvanceUnlessChecking();
            return edge.Server.TargetHealth.Any(h => h.Address == address && h.State == state);
        });
        Assert.True(_time.KnowsChecks, "the clock takes no timer for a check's");
    }

    /// <summary>A clock by hand that lets no check come to its time limit: it stands still while one is under way, which it knows by the limits' timers.</summary>
    private sealed class CheckClock : FakeTimeProvider
    {
        /// <summary>Less than the limit, as a check may begin just before a step.</summary>
        public static readonly TimeSpan Step = TimeSpan.FromSeconds(4);

        // As in the group's settings; no other timer of the edge is set to it.
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

        private int _underWay;

        public bool KnowsChecks { get; private set; }

        public void AdvanceUnlessChecking()
        {
            if (Volatile.Read(ref _underWay) == 0) Advance(Step);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Limit) return base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _underWay);
            KnowsChecks = true;
            return new LimitTimer(base.CreateTimer(callback, state, dueTime, period), this);
        }

        private sealed class LimitTimer(ITimer inner, CheckClock clock) : ITimer
        {
            private int _disposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

            public void Dispose()
            {
                inner.Dispose();
                if (Interlocked.Exchange(ref _disposed, 1) == 0) Interlocked.Decrement(ref clock._underWay);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
