using System.Diagnostics;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>
/// Scripts that tests write and run. Another process writes them: a process that another test starts inherits, for a moment, whatever
/// file this one has open, and what anybody has open for writing the kernel does not run ("Text file busy").
/// </summary>
internal static class ProgramFile
{
    /// <summary>Writes a program that its owner can run.</summary>
    /// <exception cref="InvalidOperationException">It can't be written.</exception>
    public static void Write(string path, string text)
    {
        using var writer = Process.Start(new ProcessStartInfo("sh", ["-c", "cat >\"$1\" && chmod 700 \"$1\"", "sh", path]) { RedirectStandardInput = true })!;
        writer.StandardInput.Write(text);
        writer.StandardInput.Close();
        writer.WaitForExit();
        if (writer.ExitCode != 0) throw new InvalidOperationException($"can't write {path}");
    }
}
