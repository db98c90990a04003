using Hokusai.Storage;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Storage;

/// <summary>What both engines promise. Each engine has a class of its own that runs all of these, and adds what only it can show.</summary>
public abstract partial class DatabaseTests
{
    protected const int Deadline = 60_000;

    private static readonly Schema Notes = new("notes",
    [
        [
            "CREATE TABLE notes (id {ID}, name {TEXT} NOT NULL UNIQUE, number BIGINT, weight {REAL}, remark {TEXT})",
            "CREATE TABLE counter (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)",
            "INSERT INTO counter (id, value) VALUES (1, 0)",
        ],
    ]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Where a database can be made that no other test uses.</summary>
    protected abstract Task<DatabaseLocation> NewLocationAsync();

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_EveryKindOfValue_IsReadBackAlike()
    {
        using var database = await OpenAsync();
        await database.WriteAsync(session => session.Execute("INSERT INTO notes (name, number, weight, remark) VALUES ($1, $2, $3, $4)", "Ünïcode 🌊 'quoted' \"%_\\", long.MaxValue, 5e-324, null), Cancellation);
        await database.WriteAsync(session => session.Execute("INSERT INTO notes (name, number, weight, remark) VALUES ($1, $2, $3, $4)", "", null, double.MaxValue, "line\nline"), Cancellation);

        var rows = await database.ReadAsync(session => session.Query("SELECT name, number, weight, remark FROM notes ORDER BY id", row =>
            (row.GetString(0), row.IsDBNull(1) ? (long?)null : row.GetInt64(1), row.GetDouble(2), row.IsDBNull(3) ? null : row.GetString(3))), Cancellation);

        Assert.Equal([("Ünïcode 🌊 'quoted' \"%_\\", long.MaxValue, 5e-324, null), ("", null, double.MaxValue, "line\nline")], rows);
    }

    [Fact(Timeout = Deadline)]
    public async Task ReadAsync_Texts_AreOrderedAndComparedByBytes()
    {
        using var database = await OpenAsync();
        foreach (var name in (string[])["b", "é", "B", "a"]) await AddAsync(database, name);

        Assert.Equal(["B", "a", "b", "é"], await NamesAsync(database, "SELECT name FROM notes ORDER BY name"));
        Assert.Equal(["b"], await NamesAsync(database, "SELECT name FROM notes WHERE name LIKE 'b%'"));
    }

    [Fact(Timeout = Deadline)]
    public async Task ReadAsync_NoRow_GivesTheDefault()
    {
        using var database = await OpenAsync();

        Assert.Null(await database.ReadAsync(session => session.First("SELECT name FROM notes", row => row.GetString(0)), Cancellation));
        Assert.Null(await database.ReadAsync(session => session.Number("SELECT max(number) FROM notes"), Cancellation));
    }

    [Fact(Timeout = Deadline)]
    public async Task ReadAsync_WriteInBetween_SeesOneState()
    {
        using var database = await OpenAsync();
        using var begun = new SemaphoreSlim(0);
        using var written = new ManualResetEventSlim();

        var read = database.ReadAsync(session =>
        {
            var before = session.Number("SELECT count(*) FROM notes");
            begun.Release();
            Assert.True(written.Wait(Deadline));
            return (before, session.Number("SELECT count(*) FROM notes"));
        }, Cancellation);
        await begun.WaitAsync(Cancellation);
        await AddAsync(database, "between");
        written.Set();

        Assert.Equal((0L, 0L), await read);
        Assert.Equal(1, await CountAsync(database));
    }

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_UnitThatFails_LeavesNothing()
    {
        using var database = await OpenAsync();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => database.WriteAsync<int>(session =>
        {
            Add(session, "half");
            throw new InvalidTimeZoneException("on purpose");
        }, Cancellation));

        Assert.Equal(0, await CountAsync(database));
    }

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_UnitsThatFailAmongOthers_TakeNoneWithThem()
    {
        using var database = await OpenAsync();

        var units = await QueueBehindAGateAsync(database, 60, (session, i) =>
        {
            Add(session, $"note {i}");
            if (i % 5 == 0) session.Execute("INSERT INTO no_such_table (id) VALUES (1)");
            if (i % 5 == 1) throw new InvalidTimeZoneException("on purpose");
        });

        foreach (var (unit, i) in units.Select((unit, i) => (unit, i)))
        {
            if (i % 5 > 1) await unit;
            else await Assert.ThrowsAnyAsync<Exception>(() => unit);
        }
        Assert.Equal(36, await CountAsync(database));
    }

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_TwoHundredAtOnce_AllAreKept()
    {
        using var database = await OpenAsync();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => database.WriteAsync(session =>
        {
            Add(session, $"note {i}");
            var value = session.Number("SELECT value FROM counter WHERE id = 1 {LOCK}");
            return session.Execute("UPDATE counter SET value = $1 WHERE id = 1", value + 1);
        }, Cancellation)));

        Assert.Equal(200, await CountAsync(database));
        Assert.Equal(200, await database.ReadAsync(session => session.Number("SELECT value FROM counter"), Cancellation));
    }

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_UnitThatEndsTheTransactionItself_IsAnsweredAndSoAreTheOthers()
    {
        using var database = await OpenAsync();

        // What an engine does on its own when the disk is full: nothing may hang then, and nothing may be lost that was answered.
        var units = await QueueBehindAGateAsync(database, 20, (session, i) =>
        {
            Add(session, $"note {i}");
            if (i == 7) session.Execute("ROLLBACK");
        });
        await Record.ExceptionAsync(() => Task.WhenAll(units).InTime());

        Assert.All(units, unit => Assert.True(unit.IsCompleted));
        Assert.True(units[7].IsFaulted);
        Assert.Equal(units.Count(unit => unit.IsCompletedSuccessfully), await CountAsync(database));
        Assert.Equal(1, await AddAsync(database, "after"));
    }
}
