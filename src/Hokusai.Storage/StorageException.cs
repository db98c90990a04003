namespace Hokusai.Storage;

/// <summary>The database can't do what was asked, for a reason that lies outside of the request.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed and what would help, without credentials.</param>
    /// <param name="transient">Whether the same request may succeed a little later.</param>
    /// <param name="inner">What the database's driver said.</param>
    public StorageException(string message, bool transient, Exception? inner = null)
        : base(message, inner) => IsTransient = transient;

    /// <summary>Whether the same request may succeed a little later (database away, overloaded, locked).</summary>
    public bool IsTransient { get; }
}
