using System.Text.Json.Nodes;

namespace Hokusai.Image;

/// <summary>The image of all roles: what is in it, from below, and how it is run. The Dockerfile makes the same on the official base.</summary>
internal static class HokusaiImage
{
    public static ContainerImage Assemble(ImageSources sources, Release release)
    {
        var platform = Platform.Current;
        var (system, debian) = SystemLayer.Collect(platform);
        var (runtime, runtimeVersion) = RuntimeLayer.Collect();
        var packages = NuGetPackage.ReadAll(Path.Combine(sources.App, "hokusai.deps.json"), sources.Packages);
        var app = AppLayer.Collect(sources, platform, packages, BillOfMaterials.Write(release, runtimeVersion, packages, debian));
        return ContainerImage.Join($"hokusai:{release.Version}", platform.Architecture, Settings(release), release.CreatedText,
            [Layer.Pack("system libraries", system), Layer.Pack($".NET runtime {runtimeVersion}", runtime), Layer.Pack($"hokusai {release.Version}", app)]);
    }

    /// <summary>How the image is run; the Dockerfile says the same.</summary>
    internal static JsonObject Settings(Release release) => new()
    {
        ["User"] = $"{SystemLayer.User}:{SystemLayer.User}",
        ["Env"] = new JsonArray(
            "PATH=/app",
            "DOTNET_RUNNING_IN_CONTAINER=true",
            // Its socket would need a folder that can be written.
            "DOTNET_EnableDiagnostics=0",
            "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"),
        ["Entrypoint"] = new JsonArray("/app/hokusai"),
        ["Cmd"] = new JsonArray("--help"),
        ["WorkingDir"] = "/data",
        ["StopSignal"] = "SIGTERM",
        ["Labels"] = new JsonObject
        {
            ["org.opencontainers.image.title"] = "hokusai",
            ["org.opencontainers.image.description"] = "MLflow behind a load balancer, an API gateway and an auth service: one executable for every role",
            ["org.opencontainers.image.version"] = release.Version,
            ["org.opencontainers.image.revision"] = release.Revision,
            // Of the program; those of everything else lie in /licenses.
            ["org.opencontainers.image.licenses"] = "Apache-2.0",
        },
    };
}
