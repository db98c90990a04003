using System.Text.Json;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Keys;

/// <summary>A pepper from AWS Secrets Manager, which a scripted server on loopback stands for.</summary>
public sealed class SecretsManagerTests
{
    private const string NotFound = """{"__type":"com.amazonaws.ssm#ParameterNotFound","message":"no"}""";
    private const string Denied = """{"__type":"AccessDeniedException","Message":"User is not authorized to perform: ssm:GetParameter"}""";

    // The longest deadline there is: where AWS answers, however slowly, it must not pass.
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(1);

    // The SDK looks for credentials in the environment, which all tests of this process share.
    public SecretsManagerTests()
    {
        foreach (var (name, value) in ((string, string)[])[("AWS_ACCESS_KEY_ID", "made-for-a-test"), ("AWS_SECRET_ACCESS_KEY", "made-for-a-test"), ("AWS_REGION", "eu-west-1"), ("AWS_EC2_METADATA_DISABLED", "true")]) Environment.SetEnvironmentVariable(name, value);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Start_PepperInSecretsManager_IsReadThroughParameterStore()
    {
        var pepper = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        var (target, asked, signed) = ("", "", "");
        await using var aws = await ScriptedServer.StartAsync(async http =>
        {
            target = http.Request.Headers["X-Amz-Target"];
            signed = http.Request.Headers.Authorization;
            using var reader = new StreamReader(http.Request.Body);
            asked = await reader.ReadToEndAsync(http.RequestAborted);
            await ScriptedServer.WriteAsync(http, 200, JsonSerializer.Serialize(new { Parameter = new { Name = "x", Type = "SecureString", Value = pepper + "\n" } }), "application/x-amz-json-1.1");
        });

        await using var hop = await KeysHop.StartAsync(options: given => given with { Peppers = ["aws=secret:hokusai/pepper"], SecretsEndpoint = aws.Url, SecretsDeadline = Never });

        Assert.Equal("AmazonSSM.GetParameter", target);
        Assert.Contains("/eu-west-1/ssm/", signed, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(asked);
        Assert.Equal(("/aws/reference/secretsmanager/hokusai/pepper", true), (body.RootElement.GetProperty("Name").GetString(), body.RootElement.GetProperty("WithDecryption").GetBoolean()));
        Assert.Equal(200, (await hop.ValidateAsync(hop.Admin)).Status);
        Assert.False(File.Exists(hop.Pepper));
        hop.Role.Logs.Lacks(pepper);
    }

    [Theory(Timeout = Deadlines.Test)]
    [InlineData(400, NotFound, "there is no such secret in this region and account")]
    [InlineData(400, Denied, "AccessDeniedException: User is not authorized")]
    [InlineData(200, """{"Parameter":{"Value":"sesame"}}""", "the pepper 'aws', does not hold 32 bytes in base64")]
    [InlineData(200, "{}", "the pepper 'aws', does not hold 32 bytes in base64")]
    public async Task Start_SecretThatCanNotBeHad_IsToldInOneLine(int status, string body, string expected)
    {
        await using var aws = await ScriptedServer.StartAsync(ScriptedServer.Answer(status, body, "application/x-amz-json-1.1"));

        var failure = await FailAsync(aws.Url);

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", failure.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Start_AwsIsSilent_IsGivenUpAfterTheDeadline()
    {
        await using var aws = await ScriptedServer.StartAsync(ScriptedServer.Silence());

        var failure = await FailAsync(aws.Url, TimeSpan.FromSeconds(1)).InTime();

        Assert.Contains("AWS did not answer within 00:00:01", failure.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Deadlines.Test)]
    public async Task Start_NothingListens_IsToldInOneLine()
    {
        using var taken = RawServer.Refusing(out var nobody);

        var failure = await FailAsync(nobody).InTime();

        Assert.Contains("the pepper 'aws' can't be read from AWS Secrets Manager, secret hokusai/pepper: ", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<CommandFailure> FailAsync(string endpoint, TimeSpan? deadline = null)
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => KeysHop.StartAsync(options: given => given with { Peppers = ["aws=secret:hokusai/pepper"], SecretsEndpoint = endpoint, SecretsDeadline = deadline ?? Never }));
        Assert.Equal(3, failure.ExitCode);
        return failure;
    }
}
