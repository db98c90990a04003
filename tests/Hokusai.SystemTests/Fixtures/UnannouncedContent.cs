using System.Net;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>Content whose length is not told beforehand: it goes out in chunks.</summary>
internal sealed class UnannouncedContent(byte[] content) : HttpContent
{
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context) => await stream.WriteAsync(content);
}
