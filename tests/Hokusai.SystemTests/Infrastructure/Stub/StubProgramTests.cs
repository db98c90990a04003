using System.Diagnostics;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Stub;

/// <summary>The stub as a program of its own.</summary>
public sealed class StubProgramTests(StubbedAws aws)
{
    [Fact(Timeout = Deadlines.Test)]
    public async Task Program_WithoutSwitch_Refuses()
    {
        using var process = Start(null);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).InTime();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();
        Assert.Equal(2, process.ExitCode);
        Assert.Contains("never talks to AWS", errors, StringComparison.Ordinal);
        Assert.Contains("HOKUSAI_STUB_PROVIDER=1", errors, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Program_WithSwitch_PrintsWhereItServesAndEndsOnSigterm()
    {
        await aws.ServerAsync();
        using var process = Start("1");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().InTime();
            Assert.StartsWith("export TF_REATTACH_PROVIDERS='{\"registry.terraform.io/hashicorp/aws\":{\"Protocol\":\"grpc\",\"ProtocolVersion\":5,", line, StringComparison.Ordinal);
            Assert.Contains($"\"Pid\":{process.Id},", line, StringComparison.Ordinal);
            Assert.Contains("\"String\":\"127.0.0.1:", line, StringComparison.Ordinal);
            ProcessSignal.Send(process, ProcessSignal.Terminate);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static Process Start(string? value)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(configuration.Parent!.Parent!.FullName, "Hokusai.AwsStub", configuration.Name, "Hokusai.AwsStub");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("HOKUSAI_STUB_PROVIDER");
        if (value is not null) start.Environment["HOKUSAI_STUB_PROVIDER"] = value;
        return Process.Start(start)!;
    }
}
