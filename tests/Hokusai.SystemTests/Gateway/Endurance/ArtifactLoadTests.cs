using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Resilience;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>Many large artifacts at once, both ways: each byte is compared, and the gateway's memory does not grow with them.</summary>
[Collection(UnderLoad.Name)]
public sealed class ArtifactLoadTests
{
    private const long WarmUp = 4 << 20;
    private const long MostGrowth = 128 << 20;

    [EnduranceFact]
    public async Task Transfer_ManyLargeArtifactsAtOnce_ArriveAlikeInBoundedMemory()
    {
        var length = WarmUp;
        await using var upstream = RawMlflow.Start(() => length);
        await using var gateway = await GatewayProcess.StartAsync(upstream.Url);
        // What any first transfers cost is not growth.
        await TransferAllAsync(gateway, length);
        var before = gateway.Process.Resident;

        length = Scale.TransferLength;
        var began = Stopwatch.GetTimestamp();
        await TransferAllAsync(gateway, length);

        var (took, growth) = (Stopwatch.GetElapsedTime(began), gateway.Process.PeakResident - before);
        Scale.Report($"artifacts: {Scale.Transfers} up and {Scale.Transfers} down of {length >> 20} MiB each in {took.TotalSeconds:0.0} s, {2 * Scale.Transfers * (length >> 20) / took.TotalSeconds:0} MiB/s; all bytes alike; RSS warm {before >> 20} MiB, peak {gateway.Process.PeakResident >> 20} MiB, growth {growth >> 20} MiB (at most 128)");
        Assert.InRange(growth, 0, MostGrowth);
    }

    private static Task TransferAllAsync(GatewayProcess gateway, long length) =>
        Task.WhenAll(Enumerable.Range(0, Scale.Transfers).SelectMany(i => (Task[])[Task.Run(() => UploadAsync(gateway, i, length)), Task.Run(() => DownloadAsync(gateway, i, length))]));

    private static async Task UploadAsync(GatewayProcess gateway, int file, long length)
    {
        using var socket = await RawHttp.ConnectAsync(gateway.Url);
        await socket.SendAsync(Head(gateway, "PUT", file, string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n")));
        await RawMlflow.SendFileAsync(socket, file, length);
        var (head, _) = await RawMlflow.ReadHeadAsync(socket, new byte[4096]);
        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
    }

    private static async Task DownloadAsync(GatewayProcess gateway, int file, long length)
    {
        using var socket = await RawHttp.ConnectAsync(gateway.Url);
        await socket.SendAsync(Head(gateway, "GET", file, ""));
        var buffer = new byte[128 * 1024];
        var (head, rest) = await RawMlflow.ReadHeadAsync(socket, buffer);
        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
        Assert.Equal(length, RawMlflow.LengthOf(head!));
        Assert.True(await RawMlflow.ReceiveFileAsync(socket, file, length, buffer, rest), "the bytes differ");
    }

    private static byte[] Head(GatewayProcess gateway, string method, int file, string more) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{method} {RawMlflow.Artifacts}{file} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {gateway.Key}\r\n{more}\r\n"));
}
