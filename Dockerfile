# The image of all roles on the official .NET base. build/image makes the same program, settings and places without an engine.
#   docker build --build-arg REVISION=$(git rev-parse HEAD) -t hokusai .
ARG SDK=10.0.401-noble
ARG RUNTIME=10.0.12-noble-chiseled

FROM mcr.microsoft.com/dotnet/sdk:${SDK} AS build
WORKDIR /hokusai
# First what decides on packages: as long as it stays, they are not fetched again.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY build/BannedSymbols.txt build/analyzers.src.globalconfig build/analyzers.tests.globalconfig build/parallel.rsp build/
COPY src/Hokusai/Hokusai.csproj src/Hokusai/packages.lock.json src/Hokusai/
COPY src/Hokusai.Contracts/Hokusai.Contracts.csproj src/Hokusai.Contracts/packages.lock.json src/Hokusai.Contracts/
COPY src/Hokusai.Edge/Hokusai.Edge.csproj src/Hokusai.Edge/packages.lock.json src/Hokusai.Edge/
COPY src/Hokusai.Gateway/Hokusai.Gateway.csproj src/Hokusai.Gateway/packages.lock.json src/Hokusai.Gateway/
COPY src/Hokusai.Keys/Hokusai.Keys.csproj src/Hokusai.Keys/packages.lock.json src/Hokusai.Keys/
COPY src/Hokusai.Storage/Hokusai.Storage.csproj src/Hokusai.Storage/packages.lock.json src/Hokusai.Storage/
COPY src/Hokusai.Tracking/Hokusai.Tracking.csproj src/Hokusai.Tracking/packages.lock.json src/Hokusai.Tracking/
RUN dotnet restore src/Hokusai/Hokusai.csproj --locked-mode
COPY infrastructure/terraform/routes.json infrastructure/terraform/
COPY src src
RUN dotnet publish src/Hokusai/Hokusai.csproj --no-restore -c Release --nologo -v quiet -p:ContinuousIntegrationBuild=true \
    -p:EnableSourceLink=false -p:EnableSourceControlManagerQueries=false -p:UseSharedCompilation=false -p:CompilerResponseFile=/hokusai/build/parallel.rsp \
    -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false -o /out \
    # Libraries in machine code come for all processors; those of others would never be loaded.
    && case $(uname -m) in x86_64) own=linux-x64 ;; aarch64) own=linux-arm64 ;; *) exit 1 ;; esac \
    && find /out/runtimes -mindepth 1 -maxdepth 1 ! -name "$own" -exec rm -r {} + \
    && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:${RUNTIME}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="hokusai" \
      org.opencontainers.image.description="MLflow behind a load balancer, an API gateway and an auth service: one executable for every role" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out /app
COPY LICENSE /licenses/hokusai/LICENSE
# The one place that the program may write to, if a volume is mounted there.
COPY --from=build --chown=1654:1654 --chmod=700 /data /data
ENV PATH=/app \
    DOTNET_RUNNING_IN_CONTAINER=true \
    DOTNET_EnableDiagnostics=0
WORKDIR /data
USER 1654:1654
STOPSIGNAL SIGTERM
# Of the gateway, unless HOKUSAI_HEALTH_URL says where another role answers.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["hokusai", "health"]
ENTRYPOINT ["/app/hokusai"]
CMD ["--help"]
