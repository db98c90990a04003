using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway.Endurance;

/// <summary>A client on one kept connection that asks for something small.</summary>
internal sealed class SmallClient(Socket socket, byte[] request) : IDisposable
{
    private readonly byte[] _answer = new byte[1024];

    public static async Task<SmallClient> ConnectAsync(GatewayProcess gateway) =>
        new(await RawHttp.ConnectAsync(gateway.Url), Encoding.ASCII.GetBytes($"GET /api/2.0/mlflow/runs/get?run_id=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {gateway.Key}\r\n\r\n"));

    /// <summary>Asks, and fails on any answer but the right one.</summary>
    public async Task AskAsync()
    {
        await socket.SendAsync(request);
        var count = 0;
        do
        {
            var more = await socket.ReceiveAsync(_answer.AsMemory(count));
            Assert.True(more > 0, "the connection was closed");
            count += more;
        }
        while (!_answer.AsSpan(0, count).EndsWith("\r\n\r\n{}"u8));
        Assert.True(_answer.AsSpan(0, count).StartsWith("HTTP/1.1 200"u8), Encoding.ASCII.GetString(_answer, 0, count));
    }

    /// <summary>Resets the connection: thousands that are closed in good order would keep their ports for a minute.</summary>
    public void Dispose() => RawHttp.Reset(socket);
}
