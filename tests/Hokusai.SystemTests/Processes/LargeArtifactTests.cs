using System.Net;
using System.Security.Cryptography;
using Hokusai.SystemTests.Fixtures;
using Hokusai.Verify;

namespace Hokusai.SystemTests.Processes;

public sealed class LargeArtifactTests
{
    private const int Deadline = 300_000;
    private const long Length = 2L << 30;
    private const long MostGrowth = 100L << 20;

    [Fact(Timeout = Deadline)]
    public async Task Artifact_TwoGibibytesUpAndDown_ArriveAlikeInLittleMemory()
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        var calls = up.Client();
        // What any first transfer costs is not growth.
        (await calls.PutAsync("0/small.bin", new Generated(1 << 20))).Ok();
        (await calls.ReadAsync("0/small.bin")).Ok();
        var before = up.Process.Resident;
        var content = new Generated(Length);

        (await calls.PutAsync("0/large.bin", content)).Ok();
        var received = await DownloadAsync(calls, "0/large.bin");

        Assert.Equal((Length, content.Sha256), received);
        Assert.InRange(up.Process.PeakResident - before, 0, MostGrowth);
    }

    private static async Task<(long Length, string Sha256)> DownloadAsync(Calls calls, string path)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var response = await calls.Http.GetAsync(calls.Address($"{Calls.Artifacts}/{path}"), HttpCompletionOption.ResponseHeadersRead, cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[ArtifactBytes.BlockSize];
        long length = 0;
        for (int read; (read = await stream.ReadAsync(block, cancellation)) > 0; length += read) hash.AppendData(block.AsSpan(0, read));
        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Bytes that follow from a number, hashed as they are sent; never whole in memory.</summary>
    private sealed class Generated(long length) : HttpContent
    {
        public string? Sha256 { get; private set; }

        protected override bool TryComputeLength(out long size)
        {
            size = length;
            return true;
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var bytes = ArtifactBytes.FromSeed(length, 7);
            var block = new byte[ArtifactBytes.BlockSize];
            for (long sent = 0; sent < length; sent += block.Length)
            {
                bytes.CopyTo(sent, block);
                hash.AppendData(block);
                await stream.WriteAsync(block);
            }
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
