using Hokusai.SystemTests.Fixtures;
using Hokusai.Tracking.Artifacts;

namespace Hokusai.SystemTests.Tracking.Artifacts;

public sealed class FolderStoreTests : ArtifactStoreTests
{
    private protected override async Task<ArtifactPlace> StartAsync() => new Place(await TrackingHost.StartAsync());

    private sealed class Place(TrackingHost host) : ArtifactPlace
    {
        public override string Url => host.Url;

        public override int Unfinished => Directory.GetFiles(Path.Combine(host.Artifacts, ArtifactFolder.UploadsFolder)).Length;

        public override int ShownFrom => 0;

        public override IReadOnlyList<string> Stored() => [.. Directory.EnumerateFiles(host.Artifacts, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(host.Artifacts, file)).Order(StringComparer.Ordinal)];

        public override void Plant(string path, byte[] content)
        {
            var file = Path.Combine(host.Artifacts, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }

        public override ValueTask DisposeAsync() => host.DisposeAsync();
    }
}
