using Hokusai.Storage;

namespace Hokusai.Tests.Storage;

public sealed class DatabaseLocationTests
{
    [Theory]
    [InlineData("sqlite:////var/lib/mlflow.db", "/var/lib/mlflow.db")]
    [InlineData("sqlite:////var/lib/../lib/mlflow.db", "/var/lib/mlflow.db")]
    [InlineData("sqlite:////tmp/with space@x.db", "/tmp/with space@x.db")]
    public void TryParse_AbsoluteSqliteFile_IsItsPath(string text, string path)
    {
        var location = Parse(text);
        Assert.Equal((DatabaseEngine.Sqlite, path, null), (location.Engine, location.Path, location.Address));
        Assert.Equal("sqlite:///" + path, location.Display);
    }

    [Theory]
    [InlineData("sqlite:///mlflow.db", "mlflow.db")]
    [InlineData("sqlite:///data/mlflow.db", "data/mlflow.db")]
    [InlineData("sqlite:///./mlflow.db", "mlflow.db")]
    public void TryParse_RelativeSqliteFile_CountsFromTheCurrentFolder(string text, string path) => Assert.Equal(Path.GetFullPath(path), Parse(text).Path);

    [Fact]
    public void Sqlite_Path_IsTheSameAsItsUri() => Assert.Equal(Parse("sqlite:///a/b.db"), DatabaseLocation.Sqlite("a/b.db"));

    [Theory]
    [InlineData("postgresql://u:p@db.internal:6543/mlflow", "db.internal", 6543, "/mlflow", "postgresql://db.internal:6543/mlflow")]
    [InlineData("postgres://u:p@db/mlflow", "db", -1, "/mlflow", "postgresql://db:5432/mlflow")]
    [InlineData("postgresql+psycopg2://u:p@db:5432/mlflow", "db", 5432, "/mlflow", "postgresql://db:5432/mlflow")]
    [InlineData("postgresql://db/mlflow", "db", -1, "/mlflow", "postgresql://db:5432/mlflow")]
    [InlineData("postgresql://u:p@[::1]:5433/mlflow", "[::1]", 5433, "/mlflow", "postgresql://[::1]:5433/mlflow")]
    public void TryParse_Postgres_IsItsAddress(string text, string host, int port, string path, string display)
    {
        var location = Parse(text);
        Assert.Equal((DatabaseEngine.Postgres, null), (location.Engine, location.Path));
        Assert.Equal((host, port, path), (location.Address!.Host, location.Address.Port, location.Address.AbsolutePath));
        Assert.Equal(display, location.Display);
    }

    [Theory]
    [InlineData("postgresql://user:sesame@db:5432/mlflow")]
    [InlineData("postgresql://user:ses%61me-sesame@db/mlflow")]
    [InlineData("postgresql://user:sesame@db/mlflow?password=sesame&sslmode=require")]
    [InlineData("postgresql+psycopg2://sesame@db/mlflow")]
    [InlineData("postgresql://user:sesame@db/mlflow#sesame")]
    public void ToString_PostgresWithPassword_NeverShowsIt(string text)
    {
        var location = Parse(text);
        foreach (var shown in new[] { location.Display, location.ToString(), $"{location}" })
        {
            Assert.DoesNotContain("sesame", shown, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("user", shown, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sqlite://", "a database in memory would lose every answered write; give a file: sqlite:///mlflow.db")]
    [InlineData("sqlite:///", "a database in memory would lose every answered write; give a file: sqlite:///mlflow.db")]
    [InlineData("sqlite:///:memory:", "a database in memory would lose every answered write; give a file: sqlite:///mlflow.db")]
    [InlineData("sqlite://mlflow.db", "write sqlite:///mlflow.db (three slashes, then the file)")]
    [InlineData("postgresql://", "write postgresql://USER:PASSWORD@HOST:5432/DATABASE")]
    [InlineData("postgresql", "write postgresql://USER:PASSWORD@HOST:5432/DATABASE")]
    [InlineData("postgresql://u:sesame@db", "write postgresql://USER:PASSWORD@HOST:5432/DATABASE")]
    [InlineData("postgresql://u:sesame@db/", "write postgresql://USER:PASSWORD@HOST:5432/DATABASE")]
    [InlineData("postgresql://u:sesame@db:port/mlflow", "write postgresql://USER:PASSWORD@HOST:5432/DATABASE")]
    [InlineData("postgresql://u:sesame@/mlflow", "write postgresql://USER:PASSWORD@HOST:5432/DATABASE")]
    [InlineData("mysql://u:sesame@db/mlflow", "only sqlite:///FILE and postgresql://USER:PASSWORD@HOST:5432/DATABASE are known")]
    [InlineData("sqlite", "only sqlite:///FILE and postgresql://USER:PASSWORD@HOST:5432/DATABASE are known")]
    [InlineData("sqlite:mlflow.db", "only sqlite:///FILE and postgresql://USER:PASSWORD@HOST:5432/DATABASE are known")]
    [InlineData("./mlruns", "only sqlite:///FILE and postgresql://USER:PASSWORD@HOST:5432/DATABASE are known")]
    [InlineData("", "only sqlite:///FILE and postgresql://USER:PASSWORD@HOST:5432/DATABASE are known")]
    public void TryParse_AnythingElse_NamesTheRemedyWithoutThePassword(string text, string expected)
    {
        Assert.False(DatabaseLocation.TryParse(text, out var location, out var fault));
        Assert.Null(location);
        Assert.Equal(expected, fault);
    }

    private static DatabaseLocation Parse(string text)
    {
        Assert.True(DatabaseLocation.TryParse(text, out var location, out var fault), fault);
        return location;
    }
}
