using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Gateway;

/// <summary>Bodies that can't be read, or stop in the middle: the client's doing, and told as that. Nobody else may feel it.</summary>
public sealed class BrokenBodyTests
{
    private const string Form = "Content-Type: application/x-www-form-urlencoded\r\n";
    private const string Json = "Content-Type: application/json\r\n";

    // The first is refused while it is read, the second is a number that no counter holds.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/model.bin", "", "zz\r\nabc")]
    [InlineData("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/model.bin", "", "ffffffffffffffff\r\nabc")]
    [InlineData("POST", "/api/2.0/mlflow/runs/log-batch", Json, "ffffffffffffffff\r\nabc")]
    [InlineData("POST", "/hokusai/sign-in", Form, "zz\r\nabc")]
    [InlineData("POST", "/hokusai/sign-in", Form, "ffffffffffffffff\r\nabc")]
    [InlineData("POST", "/hokusai/sign-out", Form, "zz\r\nabc")]
    [InlineData("POST", "/hokusai/debug", Json, "zz\r\nabc")]
    public async Task Body_Unreadable_IsRefusedAtOnceAsTheClients(string method, string path, string type, string chunks)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendTextAsync(hop.Url, $"{method} {path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {hop.Key}\r\nConnection: close\r\n{type}Transfer-Encoding: chunked\r\n\r\n{chunks}").InTime();

        Assert.Equal(400, answer.Status);
        Assert.Contains("HKS-REQUEST", answer.Body, StringComparison.Ordinal);
        hop.Gateway.Logs.Lacks("failed unexpectedly");
    }

    // Announced or not: what is too large for a form is not read to its end first.
    [Theory(Timeout = Deadlines.Test)]
    [InlineData("Content-Length: 100000\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n", "4000\r\n")]
    public async Task Form_TooLarge_IsRefused(string framing, string chunk)
    {
        await using var hop = await GatewayHop.StartAsync();

        var answer = await RawClient.SendTextAsync(hop.Url, $"POST /hokusai/sign-in HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{Form}{framing}\r\n{chunk}{new string('a', chunk.Length > 0 ? 0x4000 : 100_000)}{(chunk.Length > 0 ? "\r\n0\r\n\r\n" : "")}").InTime();

        Assert.Equal(413, answer.Status);
    }
}
