using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Hokusai.SystemTests.Fixtures;
using Hokusai.SystemTests.Gateway.Resilience;
using NetTcpState = System.Net.NetworkInformation.TcpState;

namespace Hokusai.SystemTests.Gateway.Shield;

/// <summary>What becomes of an answer after the gateway has written it, and what an equal create gets then.</summary>
public sealed class DeliveryTests
{
    private const string Body = """{"experiment_id":"0","start_time":1}""";

    /// <summary>How a client leaves after it was sent the answer.</summary>
    public enum Leaving
    {
        /// <summary>It has read the answer and says goodbye.</summary>
        Orderly,

        /// <summary>It, or a proxy in its place, has read the answer and resets.</summary>
        ReadAndReset,

        /// <summary>It gives up before it has read the answer.</summary>
        Unread,

        /// <summary>It has read the answer, sends another request, and resets.</summary>
        AskedOn,
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(Leaving.Orderly, false)]
    [InlineData(Leaving.ReadAndReset, true)]
    [InlineData(Leaving.Unread, true)]
    [InlineData(Leaving.AskedOn, false)]
    public async Task EqualCreate_AfterAnAnswerWasWritten_GetsItsOutcomeOnlyIfItDidNotArrive(Leaving leaving, bool replayed)
    {
        var mlflow = new CountingMlflow();
        await using var upstream = UpstreamTask.Start("127.0.0.1", 0, mlflow.AnswerAsync);
        // By a clock that stands still: who waits for the news of a reset must not give up, nor a reset come too late to count, because the machine is slow.
        await using var hop = await GatewayHop.StartAsync(configure: options => options with { Upstream = $"http://{upstream.Address}" }, time: new HeldTime(TimeProvider.System.GetUtcNow()));
        // Many times: what wins is chance.
        for (var i = 0; i < 50; i++)
        {
            var body = Body.Replace("1}", $"{i}}}", StringComparison.Ordinal);
            var first = await CreateAndLeaveAsync(hop, body, leaving);
            using var client = await RawClient.ConnectAsync(hop.Url);
            var second = await AskAsync(client, hop.Key, body);

            Assert.Equal(replayed, second.Contains("X-Hokusai-Replayed:", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(replayed ? 1 : 2, mlflow.Made[body].Count);
            if (first.Length > 0) Assert.Equal(replayed, IdOf(first) == IdOf(second));
            // The second answer has arrived, so a third equal one is a new one again.
            using var other = await RawClient.ConnectAsync(hop.Url);
            client.Shutdown(SocketShutdown.Both);
            Assert.DoesNotContain("X-Hokusai-Replayed", await AskAsync(other, hop.Key, body), StringComparison.OrdinalIgnoreCase);
        }
    }

    private static async Task<string> CreateAndLeaveAsync(GatewayHop hop, string body, Leaving leaving)
    {
        var client = await RawClient.ConnectAsync(hop.Url);
        var (here, there) = (((IPEndPoint)client.LocalEndPoint!).Port, ((IPEndPoint)client.RemoteEndPoint!).Port);
        if (leaving == Leaving.Unread)
        {
            await client.SendAsync(RequestOf(hop.Key, body)).InTime();
            await Until.TrueAsync("the answer is there", TimeSpan.FromSeconds(20), () => client.Available > 0);
            // Closed with something unread, the system answers with a reset, as after a client's time-out.
            client.Close();
            await EndedAsync(here, there);
            return "";
        }
        var answer = await AskAsync(client, hop.Key, body);
        if (leaving == Leaving.AskedOn) await AskAsync(client, hop.Key, body + " ");
        if (leaving == Leaving.Orderly)
        {
            client.Close();
            return answer;
        }
        RawServer.Reset(client);
        await EndedAsync(here, there);
        return answer;
    }

    // Until the system has the reset: where there is much to do, another processor's packets overtake it, and nobody can know of it then.
    private static Task EndedAsync(int client, int gateway) => Until.TrueAsync("the connection has ended", TimeSpan.FromSeconds(20), () =>
        !Array.Exists(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections(), c => c.LocalEndPoint.Port == gateway && c.RemoteEndPoint.Port == client && c.State == NetTcpState.Established));

    private static async Task<string> AskAsync(Socket client, string key, string body)
    {
        await client.SendAsync(RequestOf(key, body)).InTime();
        var buffer = new byte[4096];
        var text = "";
        while (!text.EndsWith('}')) text += Encoding.Latin1.GetString(buffer, 0, await client.ReceiveAsync(buffer).InTime() is > 0 and var count ? count : throw new InvalidOperationException($"the connection ended after: {text}"));
        return text;
    }

    private static byte[] RequestOf(string key, string body) => Encoding.Latin1.GetBytes(
        $"POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private static string IdOf(string answer) => answer[answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)..];
}
