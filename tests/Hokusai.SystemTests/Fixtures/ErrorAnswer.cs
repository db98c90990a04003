using System.Text.Json;

namespace Hokusai.SystemTests.Fixtures;

/// <summary>An error body of Hokusai's own.</summary>
internal sealed record ErrorAnswer(int Status, string ErrorCode, string Message, string Code, string Place, string Hint, string RequestId)
{
    /// <summary>Reads an answer, which must have the whole body and the headers that go with it.</summary>
    public static async Task<ErrorAnswer> ReadAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var own = body.RootElement.GetProperty("hokusai");
        var error = new ErrorAnswer((int)answer.StatusCode, Text(body.RootElement, "error_code"), Text(body.RootElement, "message"), Text(own, "code"), Text(own, "place"), Text(own, "hint"), Text(own, "request_id"));
        Assert.Equal(error.RequestId, Assert.Single(answer.Headers.GetValues("X-Request-Id")));
        Assert.NotEmpty(error.Hint);
        if (error.Status == 401) Assert.Equal(error.Code == "HKS-SESSION-ENDED" ? ["Bearer"] : ["Basic", "Bearer"], answer.Headers.WwwAuthenticate.Select(c => c.Scheme).Order());
        return error;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
