namespace Hokusai.SystemTests.Conformance;

/// <summary>Sends a scenario to a server and collects where its answers differ.</summary>
internal sealed class ScenarioReplayer : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyDictionary<string, string> _headers;
    private readonly HttpClient _client;
    private readonly string _baseUrl;

    /// <summary>Creates a replayer.</summary>
    /// <param name="baseUrl">What stands before each step's path.</param>
    /// <param name="headers">Headers that are sent with every request, such as a key.</param>
    public ScenarioReplayer(string baseUrl, IReadOnlyDictionary<string, string>? headers = null)
    {
        _baseUrl = baseUrl;
        _headers = headers ?? new Dictionary<string, string>();
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { Timeout = Deadline };
    }

    /// <summary>Replays all the steps, in order.</summary>
    /// <returns>A line for each step whose answer is another; none if all are as recorded.</returns>
    public async Task<IReadOnlyList<string>> ReplayAsync(Scenario scenario, CancellationToken cancellation)
    {
        var names = new Placeholders();
        var differences = new List<string>();
        for (var i = 0; i < scenario.Steps.Count; i++)
        {
            var step = scenario.Steps[i];
            if (await DifferenceAsync(step, names, cancellation) is { } difference)
                differences.Add($"{scenario.Name}[{i}] {step.Title ?? $"{step.Method} {step.Path}"} -- {difference}");
        }
        return differences;
    }

    public void Dispose() => _client.Dispose();

    private async Task<string?> DifferenceAsync(ScenarioStep step, Placeholders names, CancellationToken cancellation)
    {
        using var request = ScenarioRequest.Make(step, _baseUrl, _headers, names);
        ScenarioAnswer answer;
        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            var contentType = response.Content.Headers.TryGetValues("Content-Type", out var values) ? string.Join(", ", values) : "";
            answer = new ScenarioAnswer((int)response.StatusCode, contentType, await response.Content.ReadAsByteArrayAsync(cancellation));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return $"no answer: {e.Message}";
        }
        return answer.DifferenceFrom(step, names);
    }
}
