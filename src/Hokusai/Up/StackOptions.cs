using Microsoft.Extensions.Logging;

namespace Hokusai.Up;

/// <summary>What a stack is started with.</summary>
internal sealed record StackOptions
{
    /// <summary>Folder for databases, artifacts and the pepper. Made if it is not there.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Whether to take free ports.</summary>
    public bool FreePorts { get; init; }

    /// <summary>The roles' ports; without meaning with <see cref="FreePorts"/>.</summary>
    public StackPorts Ports { get; init; } = StackPorts.Standard;

    /// <summary>A running MLflow to stand in front of; null to start the embedded one.</summary>
    public string? MlflowUrl { get; init; }

    /// <summary>Whether to log to standard error.</summary>
    public bool ConsoleLogs { get; init; }

    /// <summary>Another place for the logs, at debug level.</summary>
    public ILoggerProvider? ExtraLogs { get; init; }

    /// <summary>How long running requests may go on after a stop was asked for.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    public StackPorts EffectivePorts => FreePorts ? StackPorts.Free : Ports;
}

/// <summary>The ports of a stack.</summary>
internal sealed record StackPorts(int Edge, int Gateway, int Keys, int Tracking, int KeysAdmin = 0)
{
    public static StackPorts Standard { get; } = new(8080, 8001, 8002, 5000, 8003);

    public static StackPorts Free { get; } = new(0, 0, 0, 0);

    /// <summary>Reads <c>0</c> for free ports, or four or five numbers with commas.</summary>
    public static StackPorts Parse(string text)
    {
        if (text.Trim() == "0") return Free;
        var numbers = text.Split(',').Select(n => int.TryParse(n, out var port) && port is >= 0 and <= 65535 ? port : -1).ToList();
        return (numbers, numbers.Contains(-1)) switch
        {
            ([var edge, var gateway, var keys, var tracking], false) => new StackPorts(edge, gateway, keys, tracking),
            ([var edge, var gateway, var keys, var tracking, var admin], false) => new StackPorts(edge, gateway, keys, tracking, admin),
            _ => throw CommandFailure.Usage($"ports '{text}': give 0 for free ports, or four with commas for edge, gateway, keys and tracking, such as 8080,8001,8002,5000, and a fifth for key administration if it is to be known"),
        };
    }
}
