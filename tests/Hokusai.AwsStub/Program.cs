using Hokusai.AwsStub;

// Nobody must apply with the stub by mistake and believe that something was deployed.
const string Switch = "HOKUSAI_STUB_PROVIDER";

if (Environment.GetEnvironmentVariable(Switch) != "1")
{
    await Console.Error.WriteLineAsync($"Hokusai.AwsStub: this stub never talks to AWS and serves tests and dry runs only; set {Switch}=1 if that is what you want");
    return 2;
}
try
{
    await using var server = await StubServer.StartAsync(StubData.Find());
    await Console.Out.WriteLineAsync($"export {StubServer.ReattachVariable}='{server.Reattach}'");
    await server.WaitForShutdownAsync();
    return 0;
}
catch (Exception e) when (e is DirectoryNotFoundException or FormatException)
{
    await Console.Error.WriteLineAsync($"Hokusai.AwsStub: {e.Message}");
    return 3;
}
