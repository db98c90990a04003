using System.Text.Json;
using Hokusai.AwsStub.Rules;
using Hokusai.AwsStub.Values;

namespace Hokusai.Tests.AwsStub;

/// <summary>IAM's policy documents: their form, and how the data source writes them.</summary>
public sealed class PolicyDocumentsTests
{
    [Theory]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}""", null)]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["s3:*","logs:*"],"Resource":"*"}}""", null)]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}""", null)]
    [InlineData("""[]""", "a policy is a JSON object")]
    [InlineData("""{"Version":"2017","Statement":[]}""", "Version must be 2012-10-17")]
    [InlineData("""{"Version":"2012-10-17"}""", "Statement is missing")]
    [InlineData("""{"Version":"2012-10-17","Statements":[],"Statement":[]}""", "Statements: a policy has no such element")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"s3:*","Resource":"*"}]}""", "Statement[0].Effect must be Allow or Deny")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}""", "Statement[0] needs either Action or NotAction")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}""", "Statement[0] needs either Resource or NotResource")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"GetObject","Resource":"*"}]}""", "\"GetObject\" is not SERVICE:ACTION")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["bucket"]}]}""", "\"bucket\" is neither * nor an ARN")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Conditions":{}}]}""", "Statement[0].Conditions: a statement has no such element")]
    public void Check_Document_SaysWhatIsWrong(string document, string? message)
    {
        using var policy = JsonDocument.Parse(document);
        var findings = PolicyDocuments.Check(policy.RootElement).ToList();
        if (message is null) Assert.Empty(findings);
        else Assert.Contains(findings, finding => finding.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Render_Statements_AreWrittenAsIamReadsThem()
    {
        var document = new Dictionary<string, object?>
        {
            ["statement"] = new List<object?>
            {
                Block(("sid", "Read"), ("actions", List("s3:GetObject", "s3:ListBucket")), ("resources", List("arn:aws:s3:::b")),
                    ("condition", new List<object?> { Block(("test", "StringEquals"), ("variable", "aws:SourceVpce"), ("values", List("vpce-1"))) })),
                Block(("effect", "Deny"), ("actions", List("*")), ("principals", new List<object?> { Block(("type", "*"), ("identifiers", List("*"))) })),
            },
            ["override_policy_documents"] = List("""{"Statement":[{"Sid":"Read","Effect":"Deny","Action":"s3:*","Resource":"*"}]}"""),
        };
        PolicyDocument.Render(document);
        Assert.Equal(
            """{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"*","Principal":"*"}]}""",
            document["minified_json"]);

        document.Remove("override_policy_documents");
        PolicyDocument.Render(document);
        Assert.StartsWith(
            """{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::b","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}},""",
            document["minified_json"] as string, StringComparison.Ordinal);
    }

    private static List<object?> List(params IEnumerable<string> values) => [.. values];

    private static Dictionary<string, object?> Block(params IEnumerable<(string Name, object? Value)> values) => values.ToDictionary(value => value.Name, value => value.Value);
}
