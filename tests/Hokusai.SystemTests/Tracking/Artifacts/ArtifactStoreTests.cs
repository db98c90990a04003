using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking.Artifacts;

/// <summary>What clients may expect of the place where artifacts are kept. The same tests run on a folder and on S3.</summary>
public abstract class ArtifactStoreTests
{
    protected const int Deadline = 120_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = Deadline)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((8 << 20) - 1)]
    [InlineData(8 << 20)]
    [InlineData((8 << 20) + 1)]
    [InlineData(40 << 20)]
    public async Task Put_OfAnySize_IsReadAlike(int size)
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        var content = RandomNumberGenerator.GetBytes(size);

        (await calls.PutAsync("0/known.bin", new ByteArrayContent(content))).Ok();
        (await calls.PutAsync("0/chunked.bin", new UnannouncedContent(content))).Ok();

        foreach (var name in (string[])["known.bin", "chunked.bin"])
        {
            using var answer = await GetAsync(calls, "0/" + name);
            Assert.Equal((HttpStatusCode.OK, size), (answer.StatusCode, answer.Content.Headers.ContentLength));
            Assert.True((await answer.Content.ReadAsByteArrayAsync(Cancellation)).AsSpan().SequenceEqual(content), name);
        }
    }

    [Fact(Timeout = Deadline)]
    public async Task Get_File_SaysWhatItIs()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        (await calls.PutAsync("0/model/MLmodel", "flavors: {}")).Ok();

        using var answer = await GetAsync(calls, "0/model/MLmodel");

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment; filename=MLmodel", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("bytes", Assert.Single(answer.Headers.AcceptRanges));
        Assert.NotNull(answer.Content.Headers.LastModified);
    }

    [Theory(Timeout = Deadline)]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-2", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=0-0", 206, "0", "bytes 0-0/10")]
    [InlineData("bytes=5-500", 206, "56789", "bytes 5-9/10")]
    [InlineData("bytes=10-", 416, "", "bytes */10")]
    [InlineData("bytes=1-2,4-5", 200, "0123456789", null)]
    public async Task Get_Range_IsThePart(string range, int status, string expected, string? contentRange)
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        (await calls.PutAsync("0/digits.txt", "0123456789")).Ok();

        using var answer = await GetAsync(calls, "0/digits.txt", ("Range", range));

        Assert.Equal((status, expected), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal(contentRange, answer.Content.Headers.ContentRange?.ToString());
    }

    [Fact(Timeout = Deadline)]
    public async Task Get_FileThatTheClientHas_IsNotSentAgain()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        (await calls.PutAsync("0/a.txt", "text")).Ok();
        using var first = await GetAsync(calls, "0/a.txt");

        using var second = await GetAsync(calls, "0/a.txt", ("If-Modified-Since", first.Content.Headers.LastModified!.Value.ToString("r", CultureInfo.InvariantCulture)));

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact(Timeout = Deadline)]
    public async Task Get_NoFile_Is404()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        (await calls.PutAsync("0/folder/a.txt", "text")).Ok();

        foreach (var path in (string[])["0/folder", "0/folder/", "0/folder/A.txt", "0/folder/a.txt/b", "1", "0"])
        {
            var answer = await calls.ReadAsync(path);
            Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST"), (answer.Status, answer.ErrorCode));
        }
    }

    [Fact(Timeout = Deadline)]
    public async Task Put_AgainAndAgain_TheLastOneStays()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);

        foreach (var text in (string[])["a long first text", "short"]) (await calls.PutAsync("0/a.txt", text)).Ok();

        Assert.Equal("short", (await calls.ReadAsync("0/a.txt")).Ok().Body);
    }

    [Fact(Timeout = Deadline)]
    public async Task List_Folder_IsWhatLiesInItSorted()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        foreach (var path in (string[])["0/b.txt", "0/a/x.txt", "0/a/y/z.txt", "0/a.txt", "0/B", "0/%C3%BC", "0/a-b/c"]) (await calls.PutAsync(path, "12345")).Ok();
        (await calls.PutAsync("0/empty", new ByteArrayContent([]))).Ok();

        Assert.Equal(["B 5", "a/", "a-b/", "a.txt 5", "b.txt 5", "empty 0", "ü 5"], await ListAsync(calls, "0"));
        Assert.Equal(["x.txt 5", "y/"], await ListAsync(calls, "0/a"));
        Assert.Equal(["0/"], await ListAsync(calls, null));
        foreach (var nothing in (string[])["0/b.txt", "unknown", "0/a/y/z.txt/more", "0/a/y/z"]) Assert.Empty(await ListAsync(calls, nothing));
    }

    [Fact(Timeout = Deadline)]
    public async Task List_OfARun_IsRelativeToItsRoot()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        var run = await calls.CreateRunAsync();
        (await calls.PutAsync($"0/{run}/artifacts/model/MLmodel", "12345")).Ok();

        Assert.Equal($$"""{"root_uri":"mlflow-artifacts:/0/{{run}}/artifacts","files":[{"path":"model","is_dir":true}]}""", (await calls.GetAsync("artifacts/list?run_id=" + run)).Ok().Body);
        Assert.Equal("""[{"path":"model/MLmodel","is_dir":false,"file_size":5}]""", (await calls.GetAsync($"artifacts/list?run_id={run}&path=model")).Ok().Json.GetProperty("files").GetRawText());
        Assert.Equal("12345", (await calls.SendAsync(HttpMethod.Get, $"/get-artifact?run_id={run}&path=model/MLmodel")).Ok().Body);
    }

    [Fact(Timeout = Deadline)]
    public async Task List_ThousandsOfFiles_AreAllThere()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        var names = Enumerable.Range(0, 2_500).Select(i => $"file-{i:d4}").ToList();
        foreach (var name in names) place.Plant($"0/many/{name}", [1]);

        Assert.Equal(names.Select(name => name + " 1"), await ListAsync(calls, "0/many"));
    }

    [Fact(Timeout = Deadline)]
    public async Task Delete_FolderOfThousands_TakesItAndNothingElse()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        for (var i = 0; i < 1_500; i++) place.Plant($"0/run/{i % 7}/file-{i}", [1]);
        foreach (var beside in (string[])["0/run2", "0/ru", "0/run-/x", "1/run/x"]) (await calls.PutAsync(beside, "text")).Ok();

        (await DeleteAsync(calls, "0/run")).Ok();

        Assert.Empty(await ListAsync(calls, "0/run"));
        Assert.Equal(["ru 4", "run-/", "run2 4"], await ListAsync(calls, "0"));
        Assert.Equal(["0/ru", "0/run-/x", "0/run2", "1/run/x"], place.Stored());
    }

    [Fact(Timeout = Deadline)]
    public async Task Delete_FileOrNothing_IsAnsweredAlike()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        foreach (var path in (string[])["0/a.txt", "0/a.txt.bak"]) (await calls.PutAsync(path, "text")).Ok();

        foreach (var path in (string[])["0/a.txt", "0/a.txt", "unknown/folder"]) Assert.Equal("{}", (await DeleteAsync(calls, path)).Ok().Body);

        Assert.Equal(["0/a.txt.bak"], place.Stored());
        Assert.Equal(400, (await DeleteAsync(calls, "%2e")).Status);
    }

    [Fact(Timeout = Deadline)]
    public async Task Path_OddButHarmless_IsStoredUnderItsName()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        foreach (var (path, name) in AttackPaths.Accepted)
        {
            Assert.Equal(200, (await RawHttp.ExchangeAsync(place.Url, $"PUT {Calls.Artifacts}/odd/{path} HTTP/1.1", name)).Status);
            Assert.Contains("odd/" + name, place.Stored());
            Assert.Equal((200, true), (await RawHttp.ExchangeAsync(place.Url, $"GET {Calls.Artifacts}/odd/{path} HTTP/1.1")) is var (status, text) ? (status, text.EndsWith(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name)), StringComparison.Ordinal)) : default);
        }
        Assert.Equal(AttackPaths.Accepted.Values.Select(name => name.Split('/')[0]).Distinct().Order(StringComparer.Ordinal), (await ListAsync(calls, "odd")).Select(entry => entry.EndsWith('/') ? entry[..^1] : entry[..entry.LastIndexOf(' ')]));
        (await DeleteAsync(calls, "odd")).Ok();
        Assert.Empty(place.Stored());
    }

    [Theory(Timeout = Deadline)]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Path_ThatLeadsOut_Is400AndTouchesNothing(string method)
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        (await calls.PutAsync("0/a.txt", "text")).Ok();

        foreach (var path in AttackPaths.Refused) Assert.Equal((path, 400), (path, (await RawHttp.ExchangeAsync(place.Url, $"{method} {Calls.Artifacts}/{path} HTTP/1.1", method == "PUT" ? "evil" : "")).Status));

        Assert.Equal(["0/a.txt"], place.Stored());
    }

    [Fact(Timeout = Deadline)]
    public async Task Path_TooLong_Is400AndSaysSo()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);

        var answer = await calls.PutAsync("0/" + new string('x', 1_100), "text");

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.ErrorCode));
        Assert.Contains("too long", answer.Body, StringComparison.Ordinal);
        Assert.Empty(place.Stored());
    }

    [Theory(Timeout = Deadline)]
    [InlineData(1 << 20, true)]
    [InlineData(30 << 20, true)]
    [InlineData(30 << 20, false)]
    public async Task Put_ClientVanishes_LeavesNothing(int sent, bool reset)
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);
        var socket = await RawHttp.ConnectAsync(place.Url);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"PUT {Calls.Artifacts}/0/half.bin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {64 << 20}\r\n\r\n"), SocketFlags.None, Cancellation);
        await socket.SendAsync(new byte[sent], SocketFlags.None, Cancellation);
        // Otherwise the server might begin when all has been looked at already.
        if (sent > place.ShownFrom) await Until.TrueAsync("the upload is under way", HokusaiProcess.Deadline, () => place.Unfinished > 0);

        if (reset) RawHttp.Reset(socket);
        else socket.Dispose();

        // What the server still does about a lost client, it does before it serves the same path again.
        await Until.TrueAsync("nothing is left", HokusaiProcess.Deadline, () => place.Unfinished == 0);
        Assert.Equal(404, (await calls.ReadAsync("0/half.bin")).Status);
        Assert.Empty(place.Stored());
    }

    [Fact(Timeout = Deadline)]
    public async Task Put_ManyAtOnce_AreAllStored()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => calls.PutAsync($"0/{i:d2}", new ByteArrayContent(new byte[i % 4 == 0 ? 17 << 20 : 1_000]))));

        Assert.All(answers, answer => answer.Ok());
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i:d2} {(i % 4 == 0 ? 17 << 20 : 1_000)}"), await ListAsync(calls, "0"));
    }

    [Fact(Timeout = Deadline)]
    public async Task Multipart_Create_SendsClientsToAPlainPut()
    {
        await using var place = await StartAsync();
        using var calls = new Calls(place.Url);

        var answer = await calls.SendAsync(HttpMethod.Post, "/api/2.0/mlflow-artifacts/mpu/create/0", new StringContent("""{"path":"a","num_parts":2}""", Encoding.UTF8, "application/json"));

        Assert.Equal((501, "NOT_IMPLEMENTED"), (answer.Status, answer.ErrorCode));
        // Clients fall back on exactly this opening.
        Assert.StartsWith("Multipart upload is not supported for the current artifact repository", answer.Text("message"), StringComparison.Ordinal);
    }

    private protected abstract Task<ArtifactPlace> StartAsync();

    private protected static Task<Answer> DeleteAsync(Calls calls, string path) => calls.SendAsync(HttpMethod.Delete, $"{Calls.Artifacts}/{path}");

    private protected static async Task<HttpResponseMessage> GetAsync(Calls calls, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, calls.Address($"{Calls.Artifacts}/{path}"));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await calls.Http.SendAsync(request, Cancellation);
    }

    /// <summary>A listing as lines: a name and its size, or a name and a slash.</summary>
    private protected static async Task<IReadOnlyList<string>> ListAsync(Calls calls, string? path)
    {
        var answer = (await calls.SendAsync(HttpMethod.Get, Calls.Artifacts + (path is null ? "" : "?path=" + path))).Ok().Json;
        if (!answer.TryGetProperty("files", out var files)) return [];
        return [.. files.EnumerateArray().Select(file => file.GetProperty("path").GetString() + (file.GetProperty("is_dir").GetBoolean() ? "/" : $" {(file.TryGetProperty("file_size", out var size) ? size.GetInt64() : 0)}"))];
    }
}
