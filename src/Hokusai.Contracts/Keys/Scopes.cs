namespace Hokusai.Contracts.Keys;

/// <summary>What a key may do. Each MLflow endpoint asks for exactly one of these.</summary>
public static class Scopes
{
    /// <summary>Read experiments, runs, models and artifacts.</summary>
    public const string Read = "mlflow:read";

    /// <summary>Create and change experiments, runs, logged models and artifacts.</summary>
    public const string Write = "mlflow:write";

    /// <summary>Create and change registered models, their versions, stages and aliases.</summary>
    public const string ModelWrite = "model:write";

    /// <summary>Administer keys. Holds all the other scopes.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope there is, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Write, ModelWrite, Admin];

    /// <summary>Whether a key with these scopes may do what the needed scope stands for.</summary>
    /// <param name="held">The key's scopes.</param>
    /// <param name="needed">The scope that an endpoint asks for.</param>
    public static bool Allow(IReadOnlyList<string> held, string needed) => held.Contains(needed) || held.Contains(Admin);
}
