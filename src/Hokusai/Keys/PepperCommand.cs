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
        var access = new KeysCommand.Access();
        return access.Command("status", "how many keys hang on which pepper; one without usable keys can be dropped", [], async (call, cancellation) =>
        {
            var list = await call.Client.PeppersAsync(cancellation);
            if (call.Json) await call.Output.WriteLineAsync(JsonSerializer.Serialize(list, PepperJson.Default.PepperList));
            else await KeysOutput.WriteTableAsync(call.Output, Columns, [.. list.Peppers.Select(p => new[] { p.PepperId, p.State, Text(p.Keys), Text(p.UsableKeys), p.Fingerprint })]);
        });
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
