namespace Hokusai.SystemTests.Fixtures;

/// <summary>A folder of a test's own, deleted at its end.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-test-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Address of a SQLite database in the folder.</summary>
    public string Sqlite(string name) => "sqlite:///" + PathOf(name);

    public void Dispose() => _folder.Delete(recursive: true);
}
