using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Hokusai.Keys.Peppers;

namespace Hokusai.Keys;

/// <summary><c>hokusai keys pepper</c>: which secrets the hashes of keys still need.</summary>
internal static class PepperCommand
{
    private static readonly string[] Columns = ["PEPPER_ID", "STATE", "KEYS", "USABLE", "FINGERPRINT"];

    public static Command Create() => new("pepper", "the secrets of the keys' hashes") { Status() };

    private static Command Status()
    {
        var (url, key, json) = KeysCommand.Common();
        var command = new Command("status", "how many keys hang on which pepper; one without usable keys can be dropped") { url, key, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new KeysClient(parsed.GetValue(url)!, KeysCommand.KeyFrom(parsed.GetValue(key)));
            var list = await client.PeppersAsync(cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(JsonSerializer.Serialize(list, PepperJson.Default.PepperList));
            else await KeysOutput.WriteTableAsync(output, Columns, [.. list.Peppers.Select(p => new[] { p.PepperId, p.State, Text(p.Keys), Text(p.UsableKeys), p.Fingerprint })]);
            return ExitCodes.Fine;
        });
        return command;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
