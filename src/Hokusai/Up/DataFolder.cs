namespace Hokusai.Up;

/// <summary>The folder of a stack, held by one stack at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        _path = path;
        _lock = held;
    }

    /// <summary>Makes the folder if it is not there, and takes it.</summary>
    /// <exception cref="CommandFailure">It can't be written, or another stack has it.</exception>
    public static DataFolder Open(string folder)
    {
        var path = Path.GetFullPath(folder);
        try
        {
            // The owner's alone: it holds the hashes of keys and everybody's artifacts.
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
            else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Unreachable($"data folder {path}: can't be made ({e.Message}); choose another one with --data");
        }
        try
        {
            return new DataFolder(path, new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException)
        {
            throw CommandFailure.Unreachable($"data folder {path}: can't be written; choose another one with --data");
        }
        catch (IOException e)
        {
            throw CommandFailure.Unreachable($"data folder {path}: is in use by another hokusai, or can't be written ({e.Message}); stop that one or choose another folder with --data");
        }
    }

    public string PathOf(string name) => Path.Combine(_path, name);

    public void Dispose() => _lock.Dispose();
}
