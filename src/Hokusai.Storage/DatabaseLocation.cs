using System.Diagnostics.CodeAnalysis;

namespace Hokusai.Storage;

/// <summary>Where a database is, as <c>mlflow server</c> writes it: <c>sqlite:///FILE</c> or <c>postgresql://USER:PASSWORD@HOST:PORT/NAME</c>.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Path">SQLite: the file, as an absolute path.</param>
/// <param name="Address">PostgreSQL: the address with its credentials. Never shown.</param>
public sealed record DatabaseLocation(DatabaseEngine Engine, string? Path, Uri? Address)
{
    /// <summary>What may be shown of it: no credentials.</summary>
    public string Display => Engine == DatabaseEngine.Sqlite
        ? $"sqlite:///{Path}"
        : $"postgresql://{Address!.Host}:{(Address.Port > 0 ? Address.Port : 5432)}{Address.AbsolutePath}";

    /// <summary>The location of a SQLite file.</summary>
    /// <param name="path">The file; it need not exist, its folder is made when it is opened.</param>
    public static DatabaseLocation Sqlite(string path) => new(DatabaseEngine.Sqlite, System.IO.Path.GetFullPath(path), null);

    /// <summary>Reads a location.</summary>
    /// <param name="text">The text; <c>sqlite:///relative</c> counts from the current folder, <c>sqlite:////absolute</c> from the root.</param>
    /// <param name="location">The location, if the text is one.</param>
    /// <param name="fault">What is wrong with the text otherwise, with the remedy.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DatabaseLocation? location, [NotNullWhen(false)] out string? fault)
    {
        location = null;
        fault = null;
        var scheme = text.Split("://", 2)[0];
        if (scheme == "sqlite" && scheme.Length < text.Length)
        {
            var path = text["sqlite://".Length..];
            if (path is "" or "/" or "/:memory:") fault = "a database in memory would lose every answered write; give a file: sqlite:///mlflow.db";
            else if (!path.StartsWith('/')) fault = $"write sqlite:///{path} (three slashes, then the file)";
            else location = Sqlite(path[1..]);
        }
        else if (scheme.Split('+')[0] is "postgresql" or "postgres")
        {
            // "postgresql+psycopg2" and the like name a Python driver, which has no meaning here.
            if (Uri.TryCreate("postgresql" + text[scheme.Length..], UriKind.Absolute, out var address) && address.Host.Length > 0 && address.AbsolutePath.Length > 1)
                location = new DatabaseLocation(DatabaseEngine.Postgres, null, address);
            else fault = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE";
        }
        else
        {
            fault = "only sqlite:///FILE and postgresql://USER:PASSWORD@HOST:5432/DATABASE are known";
        }
        return location is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Display;
}

/// <summary>A database engine.</summary>
public enum DatabaseEngine
{
    /// <summary>SQLite in WAL mode, one file.</summary>
    Sqlite,

    /// <summary>PostgreSQL 13 or later.</summary>
    Postgres,
}
