using Hokusai.Gateway;
using Hokusai.Gateway.Authorization;

namespace Hokusai.Tests.Gateway.Authorization;

/// <summary>Pages of a filtered search against what they must be: all that is reached, once, in order, and each page full but the last.</summary>
public sealed class FilteredPagesTests
{
    [Fact]
    public async Task At_RandomListsGrantsAndSizes_GivesEachReachedItemOnce()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var all = Enumerable.Range(0, random.Next(60)).Select(i => $"{(char)('a' + random.Next(4))}{i}").ToList();
            string[] grants = [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"{(random.Next(3) == 0 ? "!" : "")}{"abcd*"[random.Next(5)]}*")];
            bool Reaches(string name) => GrantPatterns.Reach(grants, name, out _);
            var tokens = new PageTokens(new GatewayOptions());
            var hurried = random.Next(4) == 0;
            var lookAhead = random.Next(2) == 0;
            var pages = new FilteredPages((token, size) => Task.FromResult(Upstream(all, token, size, lookAhead)), Reaches, () => !hurried || random.Next(2) == 0);

            List<string> seen = [];
            string? next = null;
            var asked = 0;
            do
            {
                // Clients may ask for another size on each page.
                var most = random.Next(1, 12);
                var position = next is null ? new SearchPosition(null, Math.Max(most, random.Next(1, 8)), 0) : tokens.Read(next, "owner")!;
                var page = await pages.AtAsync(position, most);
                next = page.Next is null ? null : tokens.Write(page.Next, "owner");
                Assert.True(page.Items.Count <= most);
                if (next is not null && !hurried) Assert.Equal(most, page.Items.Count);
                seen.AddRange(page.Items);
                Assert.True(++asked < 500, $"seed {seed}: no end");
            }
            while (next is not null);

            Assert.True(all.Where(Reaches).Select(Json).SequenceEqual(seen), $"seed {seed}: {string.Join(',', seen)} of {string.Join(',', all)} by {string.Join(',', grants)}");
        }
    }

    [Fact]
    public async Task At_WithTime_FillsEachPageAndEndsWithoutAnEmptyOne()
    {
        var all = Enumerable.Range(0, 100).Select(i => i % 7 == 0 ? $"a{i}" : $"b{i}").ToList();
        var pages = new FilteredPages((token, size) => Task.FromResult(Upstream(all, token, size, lookAhead: false)), name => name[0] == 'a', () => true);
        var sizes = new List<int>();
        for (var position = new SearchPosition(null, 10, 0); position is not null;)
        {
            var page = await pages.AtAsync(position, 5);
            sizes.Add(page.Items.Count);
            position = page.Next;
        }
        Assert.Equal([5, 5, 5], sizes);
    }

    [Fact]
    public void Token_OfAnotherKeyOrChanged_IsNone()
    {
        var tokens = new PageTokens(new GatewayOptions());
        var token = tokens.Write(new SearchPosition("upstream's", 100, 17), "key_1 experiments");
        Assert.Equal(new SearchPosition("upstream's", 100, 17), tokens.Read(token, "key_1 experiments"));
        Assert.Equal(new SearchPosition("upstream's", 100, 17), new PageTokens(new GatewayOptions()).Read(token, "key_1 experiments"));
        Assert.Null(tokens.Read(token, "key_2 experiments"));
        Assert.Null(tokens.Read(token, "key_1 registered_models"));
        Assert.Null(new PageTokens(new GatewayOptions { ServiceToken = "other" }).Read(token, "key_1 experiments"));
        for (var i = 0; i < token.Length; i++) Assert.Null(tokens.Read(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..], "key_1 experiments"));
        foreach (var odd in new[] { "", "x", "eyJvZmZzZXQiOiAxfQ==", "é", new string('A', 5000) }) Assert.Null(tokens.Read(odd, "key_1 experiments"));
    }

    private static UpstreamPage Upstream(List<string> all, string? token, int size, bool lookAhead)
    {
        var from = token is null ? 0 : int.Parse(token, System.Globalization.CultureInfo.InvariantCulture);
        var items = all.Skip(from).Take(size).Select(name => ((string?)name, Json(name))).ToList();
        // Some of MLflow's searches give a token with each full page, so that the last one may be empty.
        var more = lookAhead ? from + size < all.Count : items.Count == size;
        return new UpstreamPage(items, more ? (from + size).ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    private static string Json(string name) => $$"""{"name":"{{name}}"}""";
}
