using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hokusai.SystemTests.Gateway.Resilience;

/// <summary>What came of a create after all tries.</summary>
/// <param name="Body">What was sent.</param>
/// <param name="Id">Id of what was made; null if the client gave up.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="Replayed">Whether the answer was made for an earlier try.</param>
/// <param name="Last">The last status or error.</param>
internal sealed record Created(string Body, string? Id, int Tries, bool Replayed, string Last);

/// <summary>Sends creates as MLflow's client does: up to eight times, after a lost connection and after 408, 429, 500, 502, 503 and 504. Only its waits are shorter.</summary>
internal sealed class MlflowClient(string url, string key) : IDisposable
{
    private const int MostTries = 8;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);
    private static readonly int[] Retried = [408, 429, 500, 502, 503, 504];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(10) }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Creates something.</summary>
    /// <param name="call">For example <c>runs/create</c>.</param>
    /// <param name="body">All of the body.</param>
    /// <param name="cut">For each try, from 1: when a <see cref="FaultProxy"/> on the way is to cut it.</param>
    public async Task<Created> CreateAsync(string call, string body, Func<int, string?> cut)
    {
        for (var tries = 1; ; tries++)
        {
            var (status, text, replayed) = await SendAsync(call, body, cut(tries));
            if (status == 200)
            {
                using var json = JsonDocument.Parse(text);
                return new Created(body, json.RootElement.GetProperty("id").GetString(), tries, replayed, "200");
            }
            if (tries == MostTries || (status != 0 && !Retried.Contains(status))) return new Created(body, null, tries, replayed, string.Create(CultureInfo.InvariantCulture, $"{status} {text}"));
            // The first time at once, as urllib3 does.
            if (tries > 1) await Task.Delay(LongestWait, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(int Status, string Text, bool Replayed)> SendAsync(string call, string body, string? cut)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{url}/api/mlflow/api/2.0/mlflow/{call}")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        if (cut is not null) request.Headers.Add(FaultProxy.Header, cut);
        try
        {
            using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers.Contains("X-Hokusai-Replayed"));
        }
        catch (HttpRequestException e)
        {
            return (0, e.GetBaseException().Message, false);
        }
    }
}
