using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway;

/// <summary>What the stages hand on about one request, and what its log line tells.</summary>
internal sealed class Exchange
{
    /// <summary>Made here, never taken from a client.</summary>
    public string RequestId { get; } = Guid.CreateVersion7().ToString("n");

    /// <summary>The address that the nearest trusted proxy saw.</summary>
    public string ClientIp { get; init; } = "";

    /// <summary>The raw path as MLflow knows it.</summary>
    public string Path { get; init; } = "";

    public MlflowEndpoint? Endpoint { get; set; }

    /// <summary>The methods that a known path takes, if the request's is none of them.</summary>
    public string? AllowedMethods { get; set; }

    public ValidatedKey? Key { get; set; }

    /// <summary>Where the credential was found and how the verdict came about.</summary>
    public string CredentialPlace { get; set; } = "";

    public string VerdictSource { get; set; } = "";

    public TimeSpan AuthTook { get; set; }

    public TimeSpan UpstreamTook { get; set; }

    public string? Upstream { get; set; }

    public int Attempts { get; set; }

    public FailurePlace? Failure { get; set; }

    public string? FailureDetail { get; set; }
}
