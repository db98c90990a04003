using System.Net;
using System.Security.Cryptography;
using Hokusai.Verify;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>Bytes that follow from a number, hashed as they are sent; never whole in memory.</summary>
internal sealed class GeneratedContent(long length) : HttpContent
{
    /// <summary>The hash of what was sent.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Reads an artifact to its end, without keeping it.</summary>
    public static async Task<(long Length, string Sha256)> DownloadAsync(Calls calls, string path)
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
