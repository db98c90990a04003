using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Hokusai.Verify;

/// <summary>Moves files to and from the artifact server, in blocks.</summary>
internal sealed class ArtifactTransfer(VerifyHttp http, TrackingAddress address)
{
    public ArtifactFolder Folder(string artifactUri) => ArtifactFolder.FromUri(artifactUri, address.Url);

    public async Task<SentFile> UploadAsync(ArtifactFolder folder, string name, ArtifactBytes bytes, CancellationToken cancellation)
    {
        using var deadline = http.ForTransfer(cancellation);
        using var content = new HashedContent(bytes, deadline);
        using var request = new HttpRequestMessage(HttpMethod.Put, folder.UrlOf(name, address.Url)) { Content = content };
        content.Headers.ContentType = new("application/octet-stream");
        await AcceptAsync(request, deadline);
        return content.Sha256 is { } sha256
            ? new SentFile(name, bytes.Length, sha256)
            : throw new StepFailedException($"{VerifyHttp.Name(request)}: answered with success before the whole file was sent");
    }

    /// <summary>Names of the files in a folder, and their sizes. A size that is absent is 0.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ListAsync(ArtifactFolder folder, CancellationToken cancellation)
    {
        using var deadline = http.ForCall(cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, folder.ListUrl(address.Url));
        var reply = Reply.Parse(VerifyHttp.Name(request), await AcceptAsync(request, deadline));
        return reply.List("files").Where(file => file["is_dir"]?.GetValue<bool>() == false)
            .ToDictionary(file => file["path"]?.ToString() ?? "", Size, StringComparer.Ordinal);
    }

    /// <summary>Downloads a file and compares it with what was sent.</summary>
    public async Task CompareAsync(ArtifactFolder folder, SentFile sent, CancellationToken cancellation)
    {
        using var deadline = http.ForTransfer(cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, folder.UrlOf(sent.Name, address.Url));
        var (length, sha256) = await http.SendAsync(request, deadline, response => ReadAsync(request, response, deadline));
        if (length != sent.Length) throw new StepFailedException($"{VerifyHttp.Name(request)}: {sent.Length} bytes were sent, {length} came back");
        if (sha256 != sent.Sha256) throw new StepFailedException($"{VerifyHttp.Name(request)}: other bytes came back than were sent (SHA-256 {sha256[..12]}…, sent {sent.Sha256[..12]}…)");
    }

    /// <summary>Removes a folder with all that is in it.</summary>
    public Task DeleteAsync(ArtifactFolder folder, CancellationToken cancellation) => DeleteAsync(folder.Url(address.Url), cancellation);

    /// <summary>Removes one file.</summary>
    public Task DeleteAsync(ArtifactFolder folder, string name, CancellationToken cancellation) => DeleteAsync(folder.UrlOf(name, address.Url), cancellation);

    private async Task DeleteAsync(string url, CancellationToken cancellation)
    {
        using var deadline = http.ForCall(cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Delete, url);
        await AcceptAsync(request, deadline);
    }

    // Artifact calls accept any 2xx, as MLflow's client does.
    private Task<string> AcceptAsync(HttpRequestMessage request, Deadline deadline) => http.SendAsync(request, deadline, async response =>
    {
        var text = await VerifyHttp.ReadTextAsync(response, deadline);
        return response.IsSuccessStatusCode ? text : throw ErrorAnswer.Read(VerifyHttp.Name(request), response, text);
    });

    private static async Task<(long Length, string Sha256)> ReadAsync(HttpRequestMessage request, HttpResponseMessage response, Deadline deadline)
    {
        if (!response.IsSuccessStatusCode)
            throw ErrorAnswer.Read(VerifyHttp.Name(request), response, await VerifyHttp.ReadTextAsync(response, deadline));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = await response.Content.ReadAsStreamAsync(deadline.Token);
        var block = new byte[ArtifactBytes.BlockSize];
        long length = 0;
        for (int read; (read = await stream.ReadAsync(block, deadline.Token)) > 0; length += read)
        {
            hash.AppendData(block, 0, read);
            deadline.Extend();
        }
        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static long Size(JsonObject file) => file["file_size"] is JsonValue size && long.TryParse(size.ToString(), out var bytes) ? bytes : 0;
}
