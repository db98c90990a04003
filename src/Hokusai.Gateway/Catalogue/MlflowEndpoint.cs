using Hokusai.Contracts.Keys;

namespace Hokusai.Gateway.Catalogue;

/// <summary>What kind of thing an endpoint does. Decides the scope that a key needs.</summary>
internal enum EndpointClass
{
    /// <summary>Changes nothing, whatever its method.</summary>
    Read,

    /// <summary>Changes experiments, runs, logged models or artifacts.</summary>
    Write,

    /// <summary>Changes the registry.</summary>
    RegistryWrite,

    /// <summary>Changes who may do what, or makes the server call others.</summary>
    Admin,
}

/// <summary>How large a body is and how it travels.</summary>
internal enum BodyClass
{
    /// <summary>JSON of bounded size.</summary>
    Metadata,

    /// <summary>An artifact: of any size, streamed, without a limit on its whole time.</summary>
    Artifact,
}

/// <summary>One MLflow endpoint as the gateway sees it.</summary>
/// <param name="Label">Method and path with placeholders: what logs and metrics call it.</param>
/// <param name="Class">What it does.</param>
/// <param name="Body">How its body travels.</param>
/// <param name="Retry">Whether it may be sent again.</param>
internal sealed record MlflowEndpoint(string Label, EndpointClass Class, BodyClass Body, RetryClass Retry)
{
    /// <summary>Whether it makes something that a second time would make twice, from a small JSON body: the replay shield keeps accounts of it.</summary>
    public bool Creates => Retry == RetryClass.Never && Body == BodyClass.Metadata && Label.StartsWith("POST ", StringComparison.Ordinal);

    /// <summary>Whether what it moves are artifacts, and not the pages of MLflow's own interface.</summary>
    public bool MovesArtifact => Body == BodyClass.Artifact && !Label.StartsWith("GET /static-files/", StringComparison.Ordinal);

    /// <summary>Whether it makes a run.</summary>
    public bool MakesRun => Label is "POST /api/2.0/mlflow/runs/create" or "POST /api/2.0/mlflow/runs/create-promptlab-run";

    /// <summary>The scope that a key needs.</summary>
    public string Scope => Class switch
    {
        EndpointClass.Read => Scopes.Read,
        EndpointClass.Write => Scopes.Write,
        EndpointClass.RegistryWrite => Scopes.ModelWrite,
        _ => Scopes.Admin,
    };
}
