using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>MLflow's calls as tests make them.</summary>
internal sealed class Calls(string baseUrl, string? key = null) : IDisposable
{
    public const string Artifacts = "/api/2.0/mlflow-artifacts/artifacts";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The client beneath: no redirects, no cookies, no proxy.</summary>
    public HttpClient Http { get; } = Create(key);

    /// <summary>An address there; <paramref name="path"/> begins with a slash and is sent byte for byte.</summary>
    public Uri Address(string path) => new(baseUrl.TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    /// <summary>A GET below <c>/api/2.0/mlflow/</c>.</summary>
    public Task<Answer> GetAsync(string pathAndQuery) => SendAsync(HttpMethod.Get, "/api/2.0/mlflow/" + pathAndQuery);

    /// <summary>A POST below <c>/api/2.0/mlflow/</c>.</summary>
    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, "/api/2.0/mlflow/" + path, JsonContent.Create(body));

    /// <summary>Stores an artifact.</summary>
    public Task<Answer> PutAsync(string path, HttpContent content) => SendAsync(HttpMethod.Put, $"{Artifacts}/{path}", content);

    /// <summary>Stores a short text as an artifact.</summary>
    public Task<Answer> PutAsync(string path, string text) => PutAsync(path, new StringContent(text));

    /// <summary>Reads an artifact.</summary>
    public Task<Answer> ReadAsync(string path) => SendAsync(HttpMethod.Get, $"{Artifacts}/{path}");

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? host = null)
    {
        using var request = new HttpRequestMessage(method, Address(path)) { Content = content };
        request.Headers.Host = host;
        using var response = await Http.SendAsync(request, Cancellation);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Creates a run.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> CreateRunAsync(string experiment = "0") => (await PostAsync("runs/create", new { experiment_id = experiment, start_time = 1 })).Ok().Text("run.info.run_id");

    /// <summary>Creates an experiment.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> CreateExperimentAsync(string name, string? location = null) =>
        (await PostAsync("experiments/create", new { name, artifact_location = location })).Ok().Text("experiment_id");

    /// <summary>The points of a metric, as step and value.</summary>
    public async Task<IReadOnlyList<(long Step, double Value)>> HistoryAsync(string run, string metric)
    {
        var history = (await GetAsync($"metrics/get-history?run_id={run}&metric_key={metric}&max_results=100000")).Ok().Json;
        return history.TryGetProperty("metrics", out var points) ? [.. points.EnumerateArray().Select(point => (point.GetProperty("step").GetInt64(), point.GetProperty("value").GetDouble()))] : [];
    }

    public void Dispose() => Http.Dispose();

    private static HttpClient Create(string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(120) };
        if (key is not null) client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        return client;
    }
}

/// <summary>What a server answered.</summary>
internal sealed record Answer(int Status, string? ContentType, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The code of an error, if the body holds one.</summary>
    public string? ErrorCode => Body.StartsWith('{') && Json.TryGetProperty("error_code", out var code) ? code.GetString() : null;

    /// <summary>This answer, which must be a 200.</summary>
    public Answer Ok()
    {
        Assert.True(Status == 200, string.Create(CultureInfo.InvariantCulture, $"{Status}: {Body}"));
        return this;
    }

    /// <summary>A text in the JSON body.</summary>
    /// <param name="path">Its place: names with dots between.</param>
    public string Text(string path) => path.Split('.').Aggregate(Json, (at, name) => at.GetProperty(name)).GetString()!;
}
