using Hokusai.Storage;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Storage;

public sealed class SqliteDatabaseTests : DatabaseTests, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-sqlite-");

    [Fact]
    public void Open_FolderThatIsAFile_IsToldInWords()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        AssertNotOpened(Path.Combine(file, "test.db"));
    }

    [Fact]
    public void Open_PlaceOfAFolder_IsToldInWords() => AssertNotOpened(_folder.FullName);

    [Fact]
    public void Open_FileOfAnotherKind_IsToldInWords()
    {
        var file = Path.Combine(_folder.FullName, "text.db");
        File.WriteAllText(file, string.Join('\n', Enumerable.Repeat("this is a letter and no database", 200)));

        AssertNotOpened(file);
    }

    [Fact]
    public void Open_LaneThatCanNotConnect_IsToldInWords()
    {
        var file = Path.Combine(_folder.FullName, "test.db");

        // After the migration the schema can't be read any more: what prepares the database works, what comes after it does not.
        var refusal = Assert.Throws<StorageException>(() => Database.Open(DatabaseLocation.Sqlite(file), new Schema("broken", [
            ["PRAGMA writable_schema = ON", "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'a', 'a', 2, 'no statement')"],
        ])));

        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadline)]
    public async Task WriteAsync_NoRoomLeft_FailsAloneAndIsTransient()
    {
        using var database = await OpenAsync();
        await database.WriteAsync(session => session.Number("PRAGMA max_page_count = 64"), TestContext.Current.CancellationToken);

        var units = await QueueBehindAGateAsync(database, 10, (session, i) =>
            session.Execute("INSERT INTO notes (name, remark) VALUES ($1, $2)", $"note {i}", i == 5 ? new string('x', 1_000_000) : "small"));
        var fault = await Assert.ThrowsAsync<StorageException>(() => units[5].InTime());
        await Task.WhenAll(units.Where((_, i) => i != 5));

        Assert.True(fault.IsTransient);
        Assert.Contains("full", fault.Message, StringComparison.Ordinal);
        Assert.Equal(9, await CountAsync(database));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    protected override Task<DatabaseLocation> NewLocationAsync() => Task.FromResult(DatabaseLocation.Sqlite(Path.Combine(_folder.FullName, "new", "test.db")));

    private static void AssertNotOpened(string file)
    {
        var refusal = Assert.Throws<StorageException>(() => Database.Open(DatabaseLocation.Sqlite(file), new Schema("empty", [])));

        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
    }
}
