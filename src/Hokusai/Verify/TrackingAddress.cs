using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Hokusai.Verify;

/// <summary>The base URL of the tracking server, and how a URL without a path is completed.</summary>
internal sealed class TrackingAddress(string given)
{
    /// <summary>Path under which Hokusai's edge and gateway offer MLflow.</summary>
    public const string HokusaiPath = "/api/mlflow";

    /// <summary>The URL in use, without a slash at its end.</summary>
    public string Url { get; private set; } = given.TrimEnd('/');

    /// <summary>Whether the path was added here.</summary>
    public bool Completed { get; private set; }

    private bool HasPath => new Uri(Url).AbsolutePath != "/";

    /// <summary>Checks what a user typed as a URL.</summary>
    /// <param name="text">The URL.</param>
    /// <param name="fault">What is wrong with it, without repeating what may be a password.</param>
    public static bool IsValid(string text, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            fault = "--url must begin with http:// or https://, as in http://127.0.0.1:8080/api/mlflow";
        else if (url.UserInfo.Length > 0)
            fault = "--url must not hold a user name or a password: give the key by --key or HOKUSAI_API_KEY";
        else if (url.Query.Length > 0 || url.Fragment.Length > 0)
            fault = "--url must not hold a query string or a fragment";
        return fault is null;
    }

    /// <summary>Completes a URL without a path: Hokusai's path is added if something answers there with anything but 404.</summary>
    public async Task CompleteAsync(VerifyHttp http, CancellationToken cancellation)
    {
        if (Completed || HasPath) return;
        foreach (var probe in (string[])["/version", "/health"])
        {
            if (await StatusAsync(http, Url + HokusaiPath + probe, cancellation) == HttpStatusCode.NotFound) continue;
            Url += HokusaiPath;
            Completed = true;
            return;
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(VerifyHttp http, string url, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var deadline = http.ForCall(cancellation);
        return await http.SendAsync(request, deadline, response => Task.FromResult(response.StatusCode));
    }
}
