using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Hokusai.Why;

/// <summary>A request's story as text: a head, what happened in order, and the cause with what would help.</summary>
internal static class WhyOutput
{
    private const int TimeWidth = 12;

    /// <summary>The text for pipes.</summary>
    public static string Plain(WhyAnswer answer) => Text(answer, static (_, text) => text);

    /// <summary>The text for terminals, in Spectre's markup.</summary>
    public static string Coloured(WhyAnswer answer) => Text(answer, (part, text) => part switch
    {
        Part.Outcome => $"[{(answer.Failed ? "red" : "green")}]{Markup.Escape(text)}[/]",
        Part.Time => $"[grey]{Markup.Escape(text)}[/]",
        Part.Name => $"[bold]{Markup.Escape(text)}[/]",
        _ => Markup.Escape(text),
    });

    private static string Text(WhyAnswer answer, Func<Part, string, string> show)
    {
        var text = new StringBuilder();
        text.Append(show(Part.Name, $"Request {answer.RequestId}")).Append('\n');
        text.Append(show(Part.Plain, $"{answer.Route ?? $"{answer.Method} {answer.Path}"} at {answer.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)} UTC")).Append('\n');
        var outcome = answer.Code is null ? $"{answer.Status}" : $"{answer.Status} {answer.Code} ({answer.Place})";
        text.Append(show(Part.Outcome, outcome)).Append(show(Part.Plain, $" in {Ms(answer.TookMs)}{(answer.Upstream is null ? "" : $", upstream {answer.Upstream}")}")).Append('\n');
        if (answer.TraceId is not null) text.Append(show(Part.Plain, $"trace {answer.TraceId}")).Append('\n');
        text.Append('\n');
        foreach (var happened in answer.Story)
            text.Append(show(Part.Time, Ms(happened.AtMs).PadLeft(TimeWidth))).Append(show(Part.Plain, $"  {happened.Text}")).Append('\n');
        if (answer.Cause is not null) text.Append('\n').Append(show(Part.Name, "cause")).Append(show(Part.Plain, $"  {answer.Cause}")).Append('\n');
        if (answer.Hint is not null) text.Append(show(Part.Name, "hint")).Append(show(Part.Plain, $"   {answer.Hint}")).Append('\n');
        return text.ToString();
    }

    private static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms");

    private enum Part
    {
        Plain,
        Name,
        Time,
        Outcome,
    }
}
