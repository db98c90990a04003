using System.Text.Json;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure;

/// <summary>The root module's own tests, by <c>terraform test</c> with the stub: what an environment may choose, and what it can't.</summary>
public sealed class RootOwnTests(StubbedAws aws)
{
    [Theory(Timeout = Deadlines.TerraformTest)]
    [InlineData("tests/variables-network.tftest.hcl", 30)]
    [InlineData("tests/variables-services.tftest.hcl", 22)]
    [InlineData("tests/choices.tftest.hcl", 13)]
    public async Task Root_OwnTests_Pass(string file, int least)
    {
        using var run = await RootModule.CopyAsync(aws);
        await run.InitAsync();
        var ran = await run.RunAsync("test", "-json", $"-filter={file}");
        var lines = ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var wrong = lines.Where(line => line.GetProperty("@level").GetString() == "error").Select(line => line.GetProperty("@message").GetString() + "\n" + (line.TryGetProperty("diagnostic", out var told) ? told.GetProperty("detail").GetString() : ""));
        Assert.True(ran.Code == 0, string.Join('\n', wrong));
        var summary = lines.Last(line => line.GetProperty("type").GetString() == "test_summary").GetProperty("test_summary");
        Assert.InRange(summary.GetProperty("passed").GetInt32(), least, int.MaxValue);
        Assert.Equal(0, summary.GetProperty("failed").GetInt32() + summary.GetProperty("errored").GetInt32() + summary.GetProperty("skipped").GetInt32());
    }
}
