using System.Text;
using Hokusai.Contracts.Keys;

namespace Hokusai.Keys.Explain;

/// <summary>Makes of a client's environment the request that MLflow's Python client would send with it.</summary>
/// <remarks>Source: MLflow <c>utils/rest_utils.py</c> and <c>utils/credentials.py</c> 2.9 to 3.x; requests <c>sessions.py</c>.</remarks>
internal sealed class ClientEnvironment(Func<string, string?> variable)
{
    private const string Search = "/api/2.0/mlflow/experiments/search";

    private readonly List<Remark> _remarks = [];

    public RequestDump Read()
    {
        var text = Get("MLFLOW_TRACKING_URI");
        if (text is null) throw CommandFailure.Usage("MLFLOW_TRACKING_URI is not set: MLflow would write to a folder or file here and ask no server. Set it to https://HOST/api/mlflow");
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw CommandFailure.Usage($"MLFLOW_TRACKING_URI is no http or https address{(text.Contains("://", StringComparison.Ordinal) ? "" : ", so MLflow takes it for a folder")}: write https://HOST/api/mlflow");
        LookAtAddress(text, uri);
        LookAtSurroundings(uri);
        var headers = new List<(string, string)> { ("Host", uri.Authority) };
        if (Authorization(uri) is { } authorization) headers.Add(("Authorization", authorization));
        return new RequestDump("POST", uri.AbsolutePath.TrimEnd('/') + Search + uri.Query, uri.Authority, headers) { Remarks = _remarks };
    }

    // In the client's order: what stands in the URL and in netrc is written over MLflow's own header by the library that sends it.
    private string? Authorization(Uri uri)
    {
        var (user, password, token) = (Get("MLFLOW_TRACKING_USERNAME") ?? FromFile("mlflow_tracking_username"), Get("MLFLOW_TRACKING_PASSWORD") ?? FromFile("mlflow_tracking_password"), Get("MLFLOW_TRACKING_TOKEN"));
        if (Get("MLFLOW_TRACKING_AWS_SIGV4") is { } sign && sign.Equals("true", StringComparison.OrdinalIgnoreCase)) Add(true, "MLFLOW_TRACKING_AWS_SIGV4 makes the client sign for AWS and write that over the key", "unset MLFLOW_TRACKING_AWS_SIGV4");
        if (Get("MLFLOW_TRACKING_AUTH") is { } plugin) Add(false, $"MLFLOW_TRACKING_AUTH lets the plug-in {KeyRedactor.Redact(plugin)} write over the key", "unset MLFLOW_TRACKING_AUTH");
        if (uri.UserInfo.Length > 0)
        {
            Add(true, "the address holds a credential, which stands in histories and logs and goes before every other", "take it out of MLFLOW_TRACKING_URI, revoke the key, and set MLFLOW_TRACKING_TOKEN");
            return "Basic " + Base64(Uri.UnescapeDataString(uri.UserInfo));
        }
        if (user is not null && password is not null)
        {
            if (token is not null) Add(false, "two credentials are set: MLflow sends MLFLOW_TRACKING_USERNAME and _PASSWORD (or those in ~/.mlflow/credentials), and MLFLOW_TRACKING_TOKEN not at all", "unset the two, or the token");
            return "Basic " + Base64($"{user}:{password}");
        }
        if (user is not null || password is not null) Add(false, $"only one of MLFLOW_TRACKING_USERNAME and _PASSWORD is set, so MLflow sends neither{(token is null ? "" : " but the token")}", "set both, or MLFLOW_TRACKING_TOKEN alone");
        return token is null ? null : "Bearer " + token;
    }

    private void LookAtAddress(string text, Uri uri)
    {
        if (text != text.Trim()) Add(false, "MLFLOW_TRACKING_URI has blanks around it", "remove them");
        if (uri.Fragment.Length > 0) Add(true, "MLFLOW_TRACKING_URI is a page of the browser: everything from # on is lost", "use https://HOST/api/mlflow");
        if (uri.Query.Length > 0) Add(true, "MLFLOW_TRACKING_URI has a query, behind which MLflow appends its paths", "use https://HOST/api/mlflow");
        var path = uri.AbsolutePath.TrimEnd('/');
        if (path.Contains("/2.0", StringComparison.Ordinal) || path.EndsWith("/ajax-api", StringComparison.Ordinal)) Add(true, "MLFLOW_TRACKING_URI goes on into the API, to which MLflow appends /api/2.0 itself", "end it with /api/mlflow");
        else if (path == "/mlflow") Add(false, "behind the load balancer /mlflow goes past the gateway, and only from some networks", "end it with /api/mlflow");
        if (uri.Scheme == "http" && !uri.IsLoopback) Add(false, "the key travels in the clear: the address begins with http://", "use https://");
    }

    private void LookAtSurroundings(Uri uri)
    {
        if (Netrc()?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { } words && words.Zip(words.Skip(1)).Any(pair => pair is ("machine", var machine) && machine == uri.Host))
            Add(true, $"netrc has an entry for {uri.Host}: Python's requests writes it over the key", "remove it, or point NETRC at an empty file");
        var name = uri.Scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY";
        if ((Get(name) ?? Get(name.ToLowerInvariant()) ?? Get("ALL_PROXY")) is { } proxy && !IsExempt(uri.Host)) Add(false, $"requests go through the proxy {ProxyName(proxy)} ({name}), which may change or refuse them", $"set NO_PROXY={uri.Host} if it is to be reached directly");
        if (Get("MLFLOW_TRACKING_INSECURE_TLS") is "true") Add(false, "MLFLOW_TRACKING_INSECURE_TLS lets anybody between read the key", "unset it, and set MLFLOW_TRACKING_SERVER_CERT_PATH to the CA's certificate");
    }

    private string? Netrc() => Text(Get("NETRC") ?? InHome(".netrc"));

    private string? FromFile(string name) => Text(InHome(Path.Combine(".mlflow", "credentials")))?.Split('\n').Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries)).FirstOrDefault(pair => pair.Length == 2 && pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1];

    private string? InHome(string file) => Get("HOME") is { } home ? Path.Combine(home, file) : null;

    private string? Text(string? file)
    {
        try
        {
            return file is not null && File.Exists(file) ? File.ReadAllText(file) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(false, $"{file} can't be read, and may hold a credential that goes before the key");
            return null;
        }
    }

    private bool IsExempt(string host) => (Get("NO_PROXY") ?? Get("no_proxy") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Any(name => name == "*" || host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + name.TrimStart('.'), StringComparison.OrdinalIgnoreCase));

    private static string ProxyName(string proxy) => Uri.TryCreate(proxy, UriKind.Absolute, out var uri) ? KeyRedactor.Redact(uri.Authority) : "that is named there";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private string? Get(string name) => variable(name) is { Length: > 0 } value ? value : null;

    private void Add(bool refuses, string what, string? remedy = null) => _remarks.Add(new Remark(refuses, what, remedy));
}
