namespace Hokusai.Routes.Review;

/// <summary>How bad a finding is; the worst first.</summary>
internal enum Severity
{
    /// <summary>Requests go wrong now, or keys are gone past.</summary>
    Error,

    /// <summary>It works now and will hurt.</summary>
    Warning,

    /// <summary>Worth knowing, or not to be judged here.</summary>
    Information,
}

/// <summary>Something that is wrong with the routing.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">What kind it is; docs/routes.md lists them all.</param>
/// <param name="Place">The listener's rule or the target group.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Evidence">What shows it, such as a URL that goes wrong.</param>
/// <param name="Remedy">The change that mends it.</param>
internal sealed record Finding(Severity Severity, string Code, string Place, string What, string Evidence, string Remedy);
