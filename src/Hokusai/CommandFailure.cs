namespace Hokusai;

/// <summary>A command can't go on, for a reason that one line tells. The only way from within a command to an exit code other than 0.</summary>
internal sealed class CommandFailure(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>Bad usage or configuration.</summary>
    public static CommandFailure Usage(string message) => new(ExitCodes.Usage, message);

    /// <summary>Something that is needed is not reachable: a port that is taken, a folder that can't be written, a server that is not there.</summary>
    public static CommandFailure Unreachable(string message) => new(ExitCodes.Unreachable, message);
}

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCodes
{
    public const int Fine = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
}
