using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Hokusai.Verify;

/// <summary>Shows steps and report. Terminal, pipe and JSON have the same content.</summary>
internal static class VerifyOutput
{
    private const int NameWidth = 34;
    private const int TimeWidth = 9;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes each step as it ends: coloured on a terminal, the same lines without colour in a pipe.</summary>
    /// <param name="terminal">The terminal; null for a pipe.</param>
    /// <param name="pipe">Where lines go without a terminal. Not through Spectre, which would break them at 80 columns.</param>
    public static Action<VerifyStep> Lines(IAnsiConsole? terminal, TextWriter pipe) => step =>
    {
        if (terminal is null) pipe.WriteLine(Plain(step));
        else terminal.MarkupLine(Coloured(step));
    };

    /// <summary>Writes the last line.</summary>
    public static void End(VerifyReport report, IAnsiConsole? terminal, TextWriter pipe)
    {
        if (terminal is null) pipe.WriteLine(Summary(report));
        else terminal.MarkupLineInterpolated($"[{(report.Passed ? "green" : "red")}]{Summary(report)}[/]");
    }

    public static string Plain(VerifyStep step) => $"{Mark(step.Outcome)} {Columns(step)}".TrimEnd();

    public static string Coloured(VerifyStep step)
    {
        var colour = step.Outcome switch
        {
            StepOutcome.Passed => "green",
            StepOutcome.Failed => "red",
            StepOutcome.Skipped => "yellow",
            _ => "grey",
        };
        return $"[{colour}]{Mark(step.Outcome)}[/] {Markup.Escape(Columns(step).TrimEnd())}";
    }

    public static string Summary(VerifyReport report)
    {
        var left = report.Count(StepOutcome.NotRun);
        return string.Create(CultureInfo.InvariantCulture,
            $"verify: {report.Count(StepOutcome.Passed)} steps passed, {report.Count(StepOutcome.Failed)} failed, {report.Count(StepOutcome.Skipped)} skipped in {report.Took.TotalSeconds:F1} s{(left > 0 ? $", {left} not run" : "")}: {report.TrackingUrl}");
    }

    /// <summary>The report as one line of JSON.</summary>
    public static string Json(VerifyReport report)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteBoolean("passed", report.Passed);
            json.WriteString("tracking_url", report.TrackingUrl);
            json.WriteNumber("seconds", Math.Round(report.Took.TotalSeconds, 3));
            json.WriteStartArray("steps");
            foreach (var step in report.Steps) Write(json, step);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, VerifyStep step)
    {
        json.WriteStartObject();
        json.WriteString("name", step.Name);
        json.WriteString("outcome", step.Outcome switch
        {
            StepOutcome.Passed => "passed",
            StepOutcome.Failed => "failed",
            StepOutcome.Skipped => "skipped",
            _ => "not_run",
        });
        json.WriteNumber("ms", Math.Round(step.Took.TotalMilliseconds, 1));
        json.WriteString("detail", step.Detail);
        json.WriteEndObject();
    }

    private static string Columns(VerifyStep step)
    {
        var time = step.Outcome switch
        {
            StepOutcome.Skipped => "skipped",
            StepOutcome.NotRun => "not run",
            _ => string.Create(CultureInfo.InvariantCulture, $"{step.Took.TotalMilliseconds:F0} ms"),
        };
        return $"{step.Name.PadRight(NameWidth)} {time.PadLeft(TimeWidth)}  {step.Detail}";
    }

    private static char Mark(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Passed => '✓',
        StepOutcome.Failed => '✗',
        StepOutcome.Skipped => '-',
        _ => '·',
    };
}
