using System.Text;
using Hokusai.Contracts;
using Hokusai.Contracts.Keys;
using Hokusai.Gateway.Admission;

namespace Hokusai.Keys.Explain;

/// <summary>What the gateway sees in one request, and why it takes it or not.</summary>
/// <param name="Request">Method and target, without keys.</param>
/// <param name="Seen">What the gateway itself makes of it.</param>
/// <param name="Remarks">All there is to say, what refuses it first.</param>
internal sealed record Explanation(string Request, RequestPreview Seen, IReadOnlyList<Remark> Remarks)
{
    /// <summary>Whether nothing speaks against it that can be seen without asking the auth service.</summary>
    public bool IsAccepted => Seen.Code is null && !Remarks.Any(remark => remark.Refuses);

    public static IReadOnlyList<Explanation> Of(IReadOnlyList<RequestDump> requests) => [.. requests.Select((request, i) => Of(request, i > 0 ? requests[i - 1] : null))];

    private static Explanation Of(RequestDump request, RequestDump? before)
    {
        var seen = RequestPreview.Of(request.Method, request.Target, request.Headers);
        var remarks = request.Remarks.ToList();
        if (seen.Code is not null) remarks.Add(new Remark(true, $"{seen.Code}: {seen.Message}", seen.Hint));
        if (request.HasCredential) remarks.AddRange(Texts(request).Select(KeyDiagnosis.Of).OfType<Remark>().Where(remark => seen.Key is null || !remark.Refuses));
        remarks.AddRange(OfTheWay(request, before));
        return new Explanation($"{request.Method} {Redact(request.Target)}", seen, [.. remarks.Distinct().OrderByDescending(remark => remark.Refuses)]);
    }

    private static IEnumerable<Remark> OfTheWay(RequestDump request, RequestDump? before)
    {
        if (before is { RedirectedTo: not null, HasCredential: true } && !request.HasCredential && request.Host != before.Host)
            yield return new Remark(true, $"the credential was dropped on the way: {before.Host} sent the client on to {request.Host}, and clients send no Authorization to another host", $"set the tracking URI to {request.Host} itself");
        if (request.RedirectedTo is { } to && request.Method is not ("GET" or "HEAD") && request.Status is 301 or 302 or 303)
            yield return new Remark(false, $"it was redirected to {Redact(to)}: clients make a GET of a {request.Method} then", "set the tracking URI to the address at the end, with https");
        if (!request.HasCredential && request.Headers.Any(h => h.Name.StartsWith("sec-", StringComparison.OrdinalIgnoreCase)) && !request.Values("Cookie").Any())
            yield return new Remark(false, "browsers leave credentials and cookies out of what they export unless asked", "export the HAR with sensitive data to see them");
        if (request.Target.StartsWith("/api/v1/keys", StringComparison.Ordinal)) yield return new Remark(false, "the load balancer sends this path to the auth service, not to the gateway");
        if (request.Target.Contains("/api/mlflow/api/mlflow", StringComparison.Ordinal)) yield return new Remark(false, "the prefix /api/mlflow stands there twice", "end the tracking URI with one /api/mlflow");
    }

    /// <summary>What stands where a key should, without schemes.</summary>
    private static IEnumerable<string> Texts(RequestDump request)
    {
        foreach (var value in request.Values(HokusaiHeaders.ApiKey)) yield return Bare(value);
        foreach (var header in request.Values("Authorization"))
        {
            var value = Bare(header);
            var space = value.IndexOf(' ', StringComparison.Ordinal);
            var (scheme, rest) = space < 0 ? ("", value) : (value[..space], Bare(value[space..]));
            if (!scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) yield return rest;
            else foreach (var part in OfBasic(rest)) yield return part;
        }
    }

    // Of user and password the one that means to be a key; the password if neither does.
    private static IEnumerable<string> OfBasic(string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length)) return ["*"];
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        var meant = parts.Where(part => part.Contains("hk_", StringComparison.OrdinalIgnoreCase)).ToArray();
        return meant.Length > 0 ? meant.Select(Bare) : [Bare(parts[^1])];
    }

    private static string Bare(string text) => text.Trim(' ', '\t', '"', '\'');

    // The tracking URI may hold anything; only what has the form of a path with harmless parameters is shown.
    private static string Redact(string text) => KeyRedactor.Redact(Uri.UnescapeDataString(KeyRedactor.Redact(text.Split('?')[0]))) + (text.Contains('?', StringComparison.Ordinal) ? "?…" : "");
}
