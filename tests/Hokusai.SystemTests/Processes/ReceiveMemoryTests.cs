using System.Globalization;
using Hokusai.Edge;
using Hokusai.Gateway.Connections;
using Hokusai.Serve;
using Hokusai.SystemTests.Fixtures;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hokusai.SystemTests.Processes;

/// <summary>What sockets receive into: the server has memory of its own, and its registration hid ours once without anybody's noticing but a benchmark's.</summary>
public sealed class ReceiveMemoryTests
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Edge_Receives_InLargeBlocks() => Assert.InRange(await BlockAsync(RunningRole.EdgeHosting(new EdgeOptions())), 64 * 1024, 128 * 1024);

    [Fact(Timeout = Deadlines.Test)]
    public async Task Gateway_Receives_InLargeBlocksWhileSomethingLargeComes()
    {
        LargeBlocks.OfProcess.Begin();
        try
        {
            // The process has a number of them, and gateways of other tests may have all at this moment.
            await Until.TrueAsync("a large block", TimeSpan.FromSeconds(20), async () => await BlockAsync(RunningRole.GatewayHosting()) == LargeBlocks.Size);
        }
        finally
        {
            LargeBlocks.OfProcess.End();
        }
    }

    /// <summary>The size of a block that a connection of such a host gets where it asks for a small one.</summary>
    private static async Task<int> BlockAsync(Hosting hosting)
    {
        await using var host = await RoleHost.StartAsync(ListenAddress.Loopback(0), TellAsync, NullLoggerFactory.Instance, hosting, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return int.Parse(await client.GetStringAsync(host.Url, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    private static async Task TellAsync(HttpContext http)
    {
        using var block = http.Features.Get<IMemoryPoolFeature>()!.MemoryPool.Rent(4096);
        await http.Response.WriteAsync(block.Memory.Length.ToString(CultureInfo.InvariantCulture));
    }
}
