using Hokusai.Gateway.Admission;

namespace Hokusai.Tests.Gateway.Admission;

public sealed class AuthSetupTests
{
    [Theory]
    [InlineData(401, "application/json", """{"error_code":"KEY_UNKNOWN","message":"?"}""", "ok")]
    [InlineData(422, "application/json", """{"error_code":"SERVICE_UNKNOWN","message":"?"}""", "unknown service id (422)")]
    [InlineData(422, "application/json", """{"detail":"no such service"}""", "unknown service id (422)")]
    [InlineData(422, "application/json", """{"detail":[{"loc":["body","api_key"],"msg":"Field required"}]}""", "does not look for the key in the header (422)")]
    [InlineData(400, "application/json", """{"error":"api_key"}""", "does not look for the key in the header (400)")]
    [InlineData(415, "text/plain", "", "does not look for the key in the header (415)")]
    [InlineData(401, "application/json", """{"error":"API key missing"}""", "does not look for the key in the header (401)")]
    [InlineData(404, "application/json", "{}", "wrong URL (404)")]
    [InlineData(200, "text/html", "<html>", "wrong URL (200)")]
    [InlineData(405, "text/plain", "", "wrong URL (405)")]
    [InlineData(307, "text/html", "moved", "redirects (307)")]
    [InlineData(200, "application/json", """{"valid":true}""", "takes a made-up key (200)")]
    [InlineData(401, "application/json", "{}", "odd answer (401)")]
    [InlineData(204, null, "", "odd answer (204)")]
    public void Of_Answer_NamesTheMistake(int status, string? type, string body, string state)
    {
        var setup = AuthSetup.Of(status, type, body, new Uri("https://auth.example/login?x=1"), "hokusai-gateway");

        Assert.Equal(state, setup.State);
        Assert.Equal(state == "ok", setup.Remedy is null);
        Assert.False(setup.IsAway);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public void Of_ServiceThatIsNotWell_IsNoMistake(int status) => Assert.True(AuthSetup.Of(status, "application/json", "{}", null, "s").IsAway);
}
