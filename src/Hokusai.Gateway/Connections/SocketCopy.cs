using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hokusai.Gateway.Connections;

/// <summary>A second handle to a socket: the system can still be asked about the connection after the first was closed.</summary>
internal static partial class SocketCopy
{
    /// <summary>Makes one, to be disposed of soon: until then the system keeps the connection's state.</summary>
    /// <returns>Null where that can't be done.</returns>
    public static Socket? TryMake(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            var copy = Duplicate(socket.SafeHandle);
            return copy < 0 ? null : new Socket(new SafeSocketHandle(copy, ownsHandle: true));
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(SafeSocketHandle handle);
}
