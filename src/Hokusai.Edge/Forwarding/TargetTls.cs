using System.Net.Security;

namespace Hokusai.Edge.Forwarding;

/// <summary>TLS to targets of HTTPS groups.</summary>
internal static class TargetTls
{
    /// <summary>Options that take any certificate.</summary>
    /// <remarks>Source: AWS, "Target groups for your Application Load Balancers": it does not validate the certificates of targets; self-signed and expired ones do.</remarks>
    // A miniature that were stricter would hide that from whoever tests a chain with it.
#pragma warning disable CA5359
    public static SslClientAuthenticationOptions Unchecked => new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
}
