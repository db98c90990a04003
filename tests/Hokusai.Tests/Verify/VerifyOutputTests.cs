using System.Text.Json;
using Hokusai.Verify;

namespace Hokusai.Tests.Verify;

public sealed class VerifyOutputTests
{
    private static readonly VerifyReport Report = new(
        [
            new("run created", StepOutcome.Passed, TimeSpan.FromMilliseconds(12.34), "id [7]"),
            new("logged model created", StepOutcome.Skipped, TimeSpan.FromMilliseconds(1), "MLflow 2.9.2 has none"),
            new("model registered", StepOutcome.Failed, TimeSpan.FromMilliseconds(1500), "POST /x: 403 PERMISSION_DENIED: 'model:write' is missing"),
            new("run finished", StepOutcome.NotRun, TimeSpan.Zero, null),
        ],
        TimeSpan.FromMilliseconds(1560),
        "http://127.0.0.1:8080/api/mlflow");

    [Fact]
    public void Lines_InAPipe_ArePlain()
    {
        var text = new StringWriter { NewLine = "\n" };
        var onStep = VerifyOutput.Lines(null, text);
        foreach (var step in Report.Steps) onStep(step);
        VerifyOutput.End(Report, null, text);
        Assert.Equal(
            """
            ✓ run created                            12 ms  id [7]
            - logged model created                 skipped  MLflow 2.9.2 has none
            ✗ model registered                     1500 ms  POST /x: 403 PERMISSION_DENIED: 'model:write' is missing
            · run finished                         not run
            verify: 1 steps passed, 1 failed, 1 skipped in 1.6 s, 1 not run: http://127.0.0.1:8080/api/mlflow

            """,
            text.ToString());
    }

    [Fact]
    public void Coloured_Step_HasTheTextOfThePlainOne()
    {
        foreach (var step in Report.Steps) Assert.Equal(VerifyOutput.Plain(step), Spectre.Console.Markup.Remove(VerifyOutput.Coloured(step)));
    }

    [Fact]
    public void Json_Report_HasTheSameContent()
    {
        using var json = JsonDocument.Parse(VerifyOutput.Json(Report));
        var root = json.RootElement;
        Assert.False(root.GetProperty("passed").GetBoolean());
        Assert.Equal(Report.TrackingUrl, root.GetProperty("tracking_url").GetString());
        Assert.Equal(1.56, root.GetProperty("seconds").GetDouble());
        Assert.Equal(
            [("run created", "passed", 12.3, "id [7]"), ("logged model created", "skipped", 1, "MLflow 2.9.2 has none"),
                ("model registered", "failed", 1500, Report.Steps[2].Detail), ("run finished", "not_run", 0, null)],
            root.GetProperty("steps").EnumerateArray().Select(step => (step.GetProperty("name").GetString()!, step.GetProperty("outcome").GetString()!,
                step.GetProperty("ms").GetDouble(), step.GetProperty("detail").GetString())));
    }

    [Fact]
    public void Json_Text_KeepsQuotesReadable() => Assert.Contains("'model:write'", VerifyOutput.Json(Report), StringComparison.Ordinal);
}
