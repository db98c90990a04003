using System.Text.Json;
using Hokusai.Gateway.Forwarding;

namespace Hokusai.Gateway.Authorization;

/// <summary>A page of the upstream's.</summary>
/// <param name="Items">Its items, each as JSON, with the name by which grants decide.</param>
/// <param name="Next">Token of the next page; null if there is none.</param>
/// <param name="Refusal">The answer, if it was no page.</param>
internal sealed record UpstreamPage(IReadOnlyList<(string? Name, string Json)> Items, string? Next, WholeAnswer? Refusal = null)
{
    /// <summary>Reads an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="list">The field that holds the items.</param>
    /// <exception cref="NoNameException">It is no page.</exception>
    public static UpstreamPage Read(WholeAnswer answer, string list)
    {
        if (answer.Status != 200) return new UpstreamPage([], null, answer);
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            var root = document.RootElement;
            var next = root.TryGetProperty("next_page_token", out var token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null;
            var items = root.TryGetProperty(list, out var found) && found.ValueKind == JsonValueKind.Array ? [.. found.EnumerateArray().Select(item => (NameOf(item), item.GetRawText()))] : new List<(string?, string)>();
            return new UpstreamPage(items, string.IsNullOrEmpty(next) ? null : next);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new NoNameException("MLflow did not answer a search in JSON.");
        }
    }

    private static string? NameOf(JsonElement item) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
}

/// <summary>A page for the client.</summary>
/// <param name="Items">Its items as JSON.</param>
/// <param name="Next">Where the next page begins; null if there is none.</param>
/// <param name="Refusal">The upstream's own answer in place of a page.</param>
internal sealed record FilteredPage(IReadOnlyList<string> Items, SearchPosition? Next, WholeAnswer? Refusal = null);

/// <summary>Makes pages of those items that a key reaches, each as long as it was asked for, out of the upstream's pages.</summary>
/// <param name="ask">Gets a page of the upstream's, by its token and size.</param>
/// <param name="reaches">Whether the key reaches a name.</param>
/// <param name="mayGoOn">Whether there is time for another page of the upstream's.</param>
internal sealed class FilteredPages(Func<string?, int, Task<UpstreamPage>> ask, Predicate<string> reaches, Func<bool> mayGoOn)
{
    /// <summary>The page that begins at a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="most">How many items it may have.</param>
    /// <remarks>
    /// It ends when it is full and another item is known to follow, so that no empty page comes last; or where the upstream's items end; or when
    /// the time is over, and then it is shorter than it may be and the next one goes on from there.
    /// </remarks>
    public async Task<FilteredPage> AtAsync(SearchPosition position, int most)
    {
        var items = new List<string>();
        while (true)
        {
            var page = await ask(position.Token, position.PageSize);
            if (page.Refusal is not null) return new FilteredPage([], null, page.Refusal);
            for (var i = position.Done; i < page.Items.Count; i++)
            {
                var (name, json) = page.Items[i];
                if (name is null || !reaches(name)) continue;
                if (items.Count == most) return new FilteredPage(items, position with { Done = i });
                items.Add(json);
            }
            if (page.Next is null) return new FilteredPage(items, null);
            position = position with { Token = page.Next, Done = 0 };
            if (!mayGoOn()) return new FilteredPage(items, position);
        }
    }
}
