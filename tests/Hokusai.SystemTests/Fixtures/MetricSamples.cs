using System.Globalization;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>What <c>/hokusai/metrics</c> says, by series.</summary>
internal static class MetricSamples
{
    public static async Task<IReadOnlyDictionary<string, double>> ReadAsync(string url)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var text = await client.GetStringAsync(new Uri(url + "/hokusai/metrics"), TestContext.Current.CancellationToken);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }
}
