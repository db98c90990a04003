using Hokusai.Storage;

namespace Hokusai.SystemTests.Storage;

// Opening, cancelling, closing.
public abstract partial class DatabaseTests
{
    [Fact(Timeout = Deadline)]
    public async Task Open_Again_RunsOnlyTheStepsThatAreNew()
    {
        var location = await NewLocationAsync();
        IReadOnlyList<string> first = ["CREATE TABLE steps (name {TEXT} PRIMARY KEY)", "INSERT INTO steps (name) VALUES ('first')"];
        IReadOnlyList<string> second = ["INSERT INTO steps (name) VALUES ('second')"];

        Database.Open(location, new Schema("steps", [first])).Dispose();
        Database.Open(location, new Schema("steps", [first])).Dispose();
        using var database = Database.Open(location, new Schema("steps", [first, second]));

        Assert.Equal(["first", "second"], await NamesAsync(database, "SELECT name FROM steps ORDER BY name"));
    }

    [Fact(Timeout = Deadline)]
    public async Task Open_SeveralAtOnce_RunEachStepOnce()
    {
        var location = await NewLocationAsync();

        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Database.Open(location, Notes, readers: 1), Cancellation)));

        try
        {
            Assert.Equal(1, await databases[0].ReadAsync(session => session.Number("SELECT count(*) FROM counter"), Cancellation));
        }
        finally
        {
            foreach (var database in databases) database.Dispose();
        }
    }

    [Fact(Timeout = Deadline)]
    public async Task Open_TwoComponents_ShareADatabase()
    {
        var location = await NewLocationAsync();

        using var notes = Database.Open(location, Notes);
        using var others = Database.Open(location, new Schema("others", [["CREATE TABLE others (id {ID})"]]));

        Assert.Equal(0, await others.ReadAsync(session => session.Number("SELECT count(*) FROM notes"), Cancellation));
    }

    [Fact(Timeout = Deadline)]
    public async Task Open_StepThatFails_LeavesNothing()
    {
        var location = await NewLocationAsync();

        Assert.Throws<StorageException>(() => Database.Open(location, new Schema("notes", [Notes.Steps[0], ["INSERT INTO no_such_table (id) VALUES (1)"]])));
        using var database = Database.Open(location, Notes);

        Assert.Equal(0, await CountAsync(database));
    }

    [Fact(Timeout = Deadline)]
    public async Task Open_NewerSchema_IsRefused()
    {
        var location = await NewLocationAsync();
        Database.Open(location, new Schema("notes", [Notes.Steps[0], ["CREATE TABLE newer (id {ID})"]])).Dispose();

        var refusal = Assert.Throws<StorageException>(() => Database.Open(location, Notes));

        Assert.Contains("newer Hokusai", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
    }

    [Fact(Timeout = Deadline)]
    public async Task Open_TablesOfMlflow_AreRefused()
    {
        var location = await NewLocationAsync();
        Database.Open(location, new Schema("mlflow", [["CREATE TABLE alembic_version (version_num {TEXT})"]])).Dispose();

        var refusal = Assert.Throws<StorageException>(() => Database.Open(location, Notes));

        Assert.Contains("mlflow server", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
    }

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_CancelledBeforeItBegan_NeverBegins()
    {
        using var database = await OpenAsync();
        using var given = new CancellationTokenSource();
        var gate = Gate.Closed(database);
        var began = false;

        var write = database.WriteAsync(_ => began = true, given.Token);
        await given.CancelAsync();
        await gate.OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.False(began);
        Assert.Equal(1, await AddAsync(database, "after"));
    }

    [Fact(Timeout = Deadline)]
    public async Task ReadAsync_CancelledBeforeItBegan_NeverBegins()
    {
        using var database = await OpenAsync();
        var began = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.ReadAsync(_ => began = true, new CancellationToken(canceled: true)));

        Assert.False(began);
    }

    [Fact(Timeout = Deadline)]
    public async Task Dispose_WithUnitsQueued_ServesThem()
    {
        var location = await NewLocationAsync();
        var database = Database.Open(location, Notes);
        var units = Enumerable.Range(0, 100).Select(i => database.WriteAsync(session => Add(session, $"note {i}"), Cancellation)).ToList();

        await Task.Run(database.Dispose, Cancellation);
        await Task.WhenAll(units);

        using var again = Database.Open(location, Notes);
        Assert.Equal(100, await CountAsync(again));
    }

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_AfterDispose_IsRefused()
    {
        var database = await OpenAsync();
        database.Dispose();
        database.Dispose();

        var refusal = await Assert.ThrowsAsync<StorageException>(() => AddAsync(database, "late"));

        Assert.True(refusal.IsTransient);
        await Assert.ThrowsAsync<StorageException>(() => CountAsync(database));
    }
}
