using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Hokusai.Contracts;
using Hokusai.Contracts.Routing;
using Hokusai.Gateway.Catalogue;
using Hokusai.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hokusai.Gateway.Authorization;

/// <summary>Answers a search over all experiments or models with those that the key reaches, page by page as MLflow's own.</summary>
internal sealed class FilteredSearch(GatewayOptions options, UpstreamQuestions questions, TimeProvider time)
{
    // So many at a time are asked for, so that a small page of a key that reaches little does not take many questions.
    private const int SmallestPage = 100;
    private const int MostQuestions = 100;
    private const string MaxResults = "max_results";
    private const string PageToken = "page_token";

    private readonly PageTokens _tokens = new(options);

    /// <summary>Answers.</summary>
    /// <param name="http">The request.</param>
    /// <param name="exchange">What is known of it.</param>
    /// <param name="body">Its whole body.</param>
    public async ValueTask<(FailurePlace Place, string? Detail)?> AnswerAsync(HttpContext http, Exchange exchange, ReadOnlyMemory<byte> body)
    {
        var (endpoint, key) = (exchange.Endpoint!, exchange.Key!);
        var search = endpoint.Reach.Search!;
        var query = RawTarget.QueryOf(http.Features.Get<IHttpRequestFeature>()!.RawTarget).ToString();
        using var fields = RequestFields.Read(http.Request.Method, query, body);
        var most = fields.Number(MaxResults) ?? search.DefaultResults;
        var owner = key.KeyId + ' ' + search.List;
        var position = new SearchPosition(null, SizeOf(most, search), 0);
        if (fields.Texts(PageToken) is [var token, ..])
        {
            if (_tokens.Read(token, owner) is not { } found) return (FailurePlace.PageTokenForeign, null);
            position = found;
        }
        var pages = new FilteredPages(
            async (at, size) => UpstreamPage.Read(await AskAsync(http, exchange, fields, query, at, size), search.List),
            name => GrantPatterns.Reach(search.Domain == Domains.Models ? key.Grants!.Models : key.Grants!.Experiments, name, out _),
            Limit());
        var page = await pages.AtAsync(position, (int)Math.Clamp(most, 1, search.MostResults));
        if (page.Refusal is { } refusal) await WriteAsync(http, exchange, refusal);
        else await WriteAsync(http, exchange, new WholeAnswer(200, [("Content-Type", "application/json")], Json(search.List, page.Items, page.Next is null ? null : _tokens.Write(page.Next, owner))));
        return null;
    }

    // What MLflow would refuse is sent as it is, so that its refusal comes back.
    private static int SizeOf(long most, SearchResults search) => most < 1 || most > search.MostResults ? (int)Math.Clamp(most, int.MinValue, int.MaxValue) : (int)Math.Max(most, SmallestPage);

    private Func<bool> Limit()
    {
        var (began, asked) = (time.GetTimestamp(), 0);
        return () => ++asked < MostQuestions && time.GetElapsedTime(began) < options.Resilience.Deadlines.Total / 2;
    }

    private Task<WholeAnswer> AskAsync(HttpContext http, Exchange exchange, RequestFields fields, string query, string? token, int size)
    {
        var isPost = HttpMethods.IsPost(http.Request.Method);
        var target = isPost ? exchange.Path + query : exchange.Path + QueryWith(query, token, size);
        return questions.AskAsync(exchange.Endpoint!, isPost ? "POST" : "GET", target, isPost ? BodyWith(fields, token, size) : null, http, exchange);
    }

    private static string QueryWith(string query, string? token, int size)
    {
        var text = new StringBuilder("?").Append(MaxResults).Append('=').Append(size.ToString(CultureInfo.InvariantCulture));
        if (token is not null) text.Append('&').Append(PageToken).Append('=').Append(Uri.EscapeDataString(token));
        foreach (var field in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var one = new QueryFields(field);
            if (one.First(MaxResults) is null && one.First(PageToken) is null) text.Append('&').Append(field);
        }
        return text.ToString();
    }

    private static byte[] BodyWith(RequestFields fields, string? token, int size)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in fields.Others(MaxResults, PageToken))
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value);
            }
            json.WriteNumber(MaxResults, size);
            if (token is not null) json.WriteString(PageToken, token);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Json(string list, IReadOnlyList<string> items, string? next)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            // As MLflow's own: what is empty is absent.
            if (items.Count > 0)
            {
                json.WriteStartArray(list);
                foreach (var item in items) json.WriteRawValue(item);
                json.WriteEndArray();
            }
            if (next is not null) json.WriteString("next_page_token", next);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static async Task WriteAsync(HttpContext http, Exchange exchange, WholeAnswer answer)
    {
        answer.CopyTo(http.Response);
        http.Response.Headers[HokusaiHeaders.RequestId] = exchange.RequestId;
        exchange.BytesOut = answer.Body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.BodyWriter.WriteAsync(answer.Body, http.RequestAborted);
    }
}
