using Hokusai.Storage;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Storage;

public sealed class PostgresDatabaseTests(PostgresServer server) : DatabaseTests
{
    private const string Password = "s3cret-word";

    [Fact(Timeout = Deadline)]
    public async Task Open_NoSuchDatabase_IsToldInWords()
    {
        var location = new UriBuilder(await server.CreateDatabaseAsync()) { Password = Password };
        location.Path += "_missing";

        AssertNotOpened(location.Uri.AbsoluteUri, "_missing");
    }

    [Fact(Timeout = Deadline)]
    public Task Open_NothingListens_IsToldInWords() =>
        Task.Run(() => AssertNotOpened($"postgresql://postgres:{Password}@127.0.0.1:1/test", "127.0.0.1:1", away: true), TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task Open_HostWithoutAddress_IsToldInWords() =>
        Task.Run(() => AssertNotOpened($"postgresql://postgres:{Password}@nowhere.invalid/test", "nowhere.invalid", away: true), TestContext.Current.CancellationToken);

    [Fact]
    public void Open_SslModeThatDoesNotExist_IsToldInWords() =>
        AssertNotOpened($"postgresql://postgres:{Password}@127.0.0.1:1/test?sslmode=bogus", "bogus");

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_UnitsThatBlockEachOther_AreBothKept()
    {
        using var database = await OpenAsync();
        await database.WriteAsync(session => session.Execute("INSERT INTO counter (id, value) VALUES (2, 0)"), TestContext.Current.CancellationToken);
        using var bothHoldOne = new Barrier(2);
        var runs = new int[2];

        await Task.WhenAll(Enumerable.Range(0, 2).Select(unit => database.WriteAsync(session =>
        {
            session.Execute("UPDATE counter SET value = value + 1 WHERE id = $1", unit + 1L);
            if (++runs[unit] == 1) Assert.True(bothHoldOne.SignalAndWait(Deadline));
            return session.Execute("UPDATE counter SET value = value + 1 WHERE id = $1", 2L - unit);
        }, TestContext.Current.CancellationToken)));

        // PostgreSQL ends one of them, or both if they look at the same moment; and they may meet again.
        Assert.InRange(runs.Sum(), 3, int.MaxValue);
        Assert.Equal([2, 2], await database.ReadAsync(session => session.Query("SELECT value FROM counter ORDER BY id", row => row.GetInt64(0)), TestContext.Current.CancellationToken));
    }

    protected override async Task<DatabaseLocation> NewLocationAsync() => Parse(await server.CreateDatabaseAsync());

    private static void AssertNotOpened(string text, string named, bool away = false)
    {
        var refusal = Assert.Throws<StorageException>(() => Database.Open(Parse(text), new Schema("empty", [])));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, refusal.ToString(), StringComparison.Ordinal);
        Assert.Equal(away, refusal.IsTransient);
    }

    private static DatabaseLocation Parse(string text)
    {
        Assert.True(DatabaseLocation.TryParse(text, out var location, out var fault), fault);
        return location;
    }
}
