using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Processes;

/// <summary>Clients that are gone in the middle of a transfer: nothing of them may stay, and nothing may wait for them.</summary>
public sealed class VanishingClientTests
{
    private const int Deadline = 120_000;
    private const int Announced = 64 << 20;
    private const int Sent = 2 << 20;

    // Below the 10 s that running requests are given at the end: a task that hangs on the lost client would use all of it.
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(9);

    [Theory(Timeout = Deadline)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Upload_ClientVanishes_LeavesNothing(bool throughTheChain, bool reset)
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        var socket = await RawHttp.ConnectAsync(throughTheChain ? up.EdgeUrl : up.TrackingUrl);
        await SendAsync(socket, $"PUT {Prefix(throughTheChain)}{Calls.Artifacts}/0/half.bin HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {up.Key}\r\nContent-Length: {Announced}\r\n\r\n");
        await socket.SendAsync(new byte[Sent], SocketFlags.None, TestContext.Current.CancellationToken);
        await Until.TrueAsync("the upload arrives", HokusaiProcess.Deadline, () => Stored(folder).Count > 0);

        if (reset) RawHttp.Reset(socket);
        else socket.Dispose();

        await Until.TrueAsync("the half file is removed", HokusaiProcess.Deadline, () => Stored(folder).Count == 0);
        await AssertServesAndEndsPromptlyAsync(up);
        Assert.Equal(["0/whole.txt"], Stored(folder));
    }

    [Theory(Timeout = Deadline)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Download_ClientVanishes_IsForgotten(bool throughTheChain, bool reset)
    {
        using var folder = new TemporaryFolder();
        await using var up = await UpProcess.StartAsync(folder.PathOf("data"));
        (await up.Client().PutAsync("0/large.bin", new ByteArrayContent(new byte[Announced]))).Ok();
        var socket = await RawHttp.ConnectAsync(throughTheChain ? up.EdgeUrl : up.TrackingUrl);
        await SendAsync(socket, $"GET {Prefix(throughTheChain)}{Calls.Artifacts}/0/large.bin HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {up.Key}\r\n\r\n");
        var start = new byte[64 << 10];
        Assert.True(await socket.ReceiveAsync(start, SocketFlags.None, TestContext.Current.CancellationToken) > 0);
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(start), StringComparison.Ordinal);

        if (reset) RawHttp.Reset(socket);
        else socket.Dispose();

        await AssertServesAndEndsPromptlyAsync(up);
    }

    private static async Task AssertServesAndEndsPromptlyAsync(UpProcess up)
    {
        var calls = up.Client();
        (await calls.PutAsync("0/whole.txt", "text")).Ok();
        Assert.Equal("text", (await calls.ReadAsync("0/whole.txt")).Ok().Body);
        up.Process.Terminate();
        Assert.Equal(0, await up.Process.WaitForExitAsync(Prompt));
    }

    private static string Prefix(bool throughTheChain) => throughTheChain ? "/api/mlflow" : "";

    // Also what is hidden from clients: uploads that grow.
    private static IReadOnlyList<string> Stored(TemporaryFolder folder) => folder.FilesBelow("data", "artifacts");

    private static async Task SendAsync(Socket socket, string head) => await socket.SendAsync(Encoding.ASCII.GetBytes(head), SocketFlags.None, TestContext.Current.CancellationToken);
}
