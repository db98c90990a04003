using Microsoft.Extensions.Logging;

namespace Hokusai.SystemTests.Fixtures;

public sealed class CollectedLogsTests
{
    [Fact]
    public void Log_MessageFieldsScopesAndExceptions_AreAllKept()
    {
        var logs = new CollectedLogs();
        using var factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Debug).AddProvider(logs));
        var logger = factory.CreateLogger("Some.Category");

        using (logger.BeginScope("request {Id}", "r-1"))
        using (logger.BeginScope(new Dictionary<string, object?> { ["Trace"] = "t-2" }))
        {
            logger.LogDebug(new EventId(7, "Seen"), new InvalidOperationException("outer", new IOException("inner")), "saw {Count}", 3);
            logger.LogTrace("not kept");
        }

        var entry = Assert.Single(logs.Entries);
        foreach (var part in (string[])["Debug Some.Category[7 Seen] saw 3", "Count=3", "=> request r-1", "Id=r-1", "Trace=t-2", "InvalidOperationException: outer", "IOException: inner"])
            Assert.Contains(part, entry, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Has_EntryThatComesLater_IsWaitedFor()
    {
        var logs = new CollectedLogs();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(logs));
        var logger = factory.CreateLogger("Some.Category");
        logger.LogInformation("first");

        var second = logs.HasAsync("second");
        Assert.False(second.IsCompleted);
        logger.LogInformation("second");
        await second;

        await logs.HasAsync(2, "Some.Category");
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => logs.HasAsync(1, "Some.Category"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => logs.Lacks("first"));
    }
}
