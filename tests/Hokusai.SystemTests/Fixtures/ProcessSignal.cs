using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>Signals for processes that a test has started.</summary>
internal static class ProcessSignal
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Terminate = 15;

    /// <summary>Sends one.</summary>
    /// <exception cref="InvalidOperationException">The process is gone.</exception>
    public static void Send(Process process, int signal)
    {
        if (Kill(process.Id, signal) != 0) throw new InvalidOperationException($"can't signal process {process.Id}: error {Marshal.GetLastPInvokeError()}");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
