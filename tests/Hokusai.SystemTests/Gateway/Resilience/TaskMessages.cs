using System.Globalization;
using System.Text;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>What a task was asked.</summary>
internal sealed record TaskRequest(string Method, string Target, string Body)
{
    /// <summary>Reads a request as the gateway writes it; null while it is not whole.</summary>
    public static TaskRequest? TryParse(string text)
    {
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0) return null;
        var length = text[..head].Split("\r\nContent-Length: ") is [_, var rest] ? int.Parse(rest.Split('\r')[0], CultureInfo.InvariantCulture) : 0;
        if (text.Length < head + 4 + length) return null;
        var words = text.Split(' ', 3);
        return new TaskRequest(words[0], words[1], text[(head + 4)..]);
    }
}

/// <summary>What a task answers.</summary>
internal sealed record TaskAnswer(int Status, string Body)
{
    public byte[] ToBytes(bool close) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} Said\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\nConnection: {(close ? "close" : "keep-alive")}\r\n\r\n{Body}"));
}
