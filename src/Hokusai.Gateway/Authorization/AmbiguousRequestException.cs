namespace Hokusai.Gateway.Authorization;

/// <summary>A request that two readers could understand differently, where it decides what is touched.</summary>
internal sealed class AmbiguousRequestException(string message) : Exception(message);
