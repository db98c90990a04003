using System.Globalization;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Edge;

/// <summary>A refusal of a large body comes through the load balancer as what it is, not as a 502.</summary>
public sealed class RefusedUploadTests
{
    // 11 s: longer than the server beneath the gateway reads on by itself.
    private const int Pieces = 44;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    [Fact(Timeout = Deadlines.Test)]
    public async Task Upload_Refused_TellsWhyHoweverLongItsBodyTakes()
    {
        await using var stack = await TestStack.StartAsync();
        (string Start, string Header, bool Chunked, int Expected)[] uploads =
        [
            ("PUT /api/mlflow/api/2.0/mlflow-artifacts/artifacts/x/model.bin", "Authorization: Bearer nothing", false, 401),
            ("PUT /api/mlflow/api/2.0/mlflow-artifacts/artifacts/x/model.bin", "X-None: 1", false, 401),
            ("PUT /api/mlflow/api/2.0/mlflow-artifacts/artifacts/x/model.bin", "X-None: 1", true, 401),
            ("POST /api/mlflow/api/2.0/mlflow/runs/log-batch", $"Authorization: Bearer {stack.Key}", false, 413),
            ("POST /api/mlflow/api/2.0/mlflow/runs/log-batch", $"Authorization: Bearer {stack.Key}", true, 413),
            ("POST /api/mlflow/hokusai/sign-in", "Content-Type: application/x-www-form-urlencoded", true, 413),
            // Told to go on, and refused only then.
            ("POST /api/mlflow/hokusai/sign-in", "Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue", true, 413),
            ("PUT /api/mlflow/api/2.0/nowhere", $"Authorization: Bearer {stack.Key}", false, 404),
        ];

        var answers = await Task.WhenAll(uploads.Select(u => UploadAsync(stack.EdgeUrl, u.Start, u.Header, u.Chunked)));

        Assert.Equal(uploads.Select(u => u.Expected), answers.Select(a => a.Status));
        Assert.All(answers, a => Assert.Contains("\"error_code\"", a.Body, StringComparison.Ordinal));
    }

    // A client that asks first sends no body, and must not be waited for.
    [Fact(Timeout = Deadlines.Test)]
    public async Task Upload_RefusedWhenItAskedFirst_EndsAtOnce()
    {
        await using var stack = await TestStack.StartAsync();

        var answer = await RawClient.SendTextAsync(stack.GatewayUrl, "PUT /api/2.0/mlflow-artifacts/artifacts/x/model.bin HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n").InTime();

        Assert.Equal(401, answer.Status);
    }

    private static async Task<(int Status, string Body)> UploadAsync(string url, string start, string header, bool chunked)
    {
        using var client = await RawClient.ConnectAsync(url);
        var bytes = new byte[1024 * 1024];
        byte[] piece = chunked ? [.. "100000\r\n"u8, .. bytes, .. "\r\n"u8] : bytes;
        var framing = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Pieces * bytes.Length}";
        if (!header.Contains("Content-Type", StringComparison.Ordinal)) header += "\r\nContent-Type: application/json";
        await client.SendAsync(Encoding.ASCII.GetBytes($"{start} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{header}\r\n{framing}\r\n\r\n"));
        for (var i = 0; i < Pieces; i++)
        {
            await client.SendAsync(piece);
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        if (chunked) await client.SendAsync("0\r\n\r\n"u8.ToArray());
        var answer = await RawClient.ReadAsync(client);
        return answer.Status == 100 && answer.Body.Split(' ', 3) is [_, var status, var rest] ? (int.Parse(status, CultureInfo.InvariantCulture), rest) : (answer.Status, answer.Body);
    }
}
