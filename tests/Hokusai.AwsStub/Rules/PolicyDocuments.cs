using System.Text.Json;

namespace Hokusai.AwsStub.Rules;

/// <summary>The form of IAM's policy documents ("IAM JSON policy elements reference" of AWS).</summary>
internal static class PolicyDocuments
{
    private static readonly string[] Members = ["Version", "Id", "Statement"];

    private static readonly string[] StatementMembers = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

    public static IEnumerable<string> Check(JsonElement policy)
    {
        if (policy.ValueKind != JsonValueKind.Object) return ["a policy is a JSON object"];
        var findings = policy.EnumerateObject().Where(member => !Members.Contains(member.Name)).Select(member => $"{member.Name}: a policy has no such element").ToList();
        if (!policy.TryGetProperty("Version", out var version) || version.GetString() != "2012-10-17") findings.Add("Version must be 2012-10-17");
        if (!policy.TryGetProperty("Statement", out var statements)) findings.Add("Statement is missing");
        else if (statements.ValueKind == JsonValueKind.Array) findings.AddRange(statements.EnumerateArray().SelectMany((statement, index) => Statement(statement, $"Statement[{index}]")));
        else findings.AddRange(Statement(statements, "Statement"));
        return findings;
    }

    private static IEnumerable<string> Statement(JsonElement statement, string at)
    {
        if (statement.ValueKind != JsonValueKind.Object)
        {
            yield return $"{at}: a statement is a JSON object";
            yield break;
        }
        foreach (var member in statement.EnumerateObject().Where(member => !StatementMembers.Contains(member.Name))) yield return $"{at}.{member.Name}: a statement has no such element";
        if (!statement.TryGetProperty("Effect", out var effect) || effect.ToString() is not ("Allow" or "Deny")) yield return $"{at}.Effect must be Allow or Deny";
        if (statement.TryGetProperty("Action", out var action) == statement.TryGetProperty("NotAction", out _)) yield return $"{at} needs either Action or NotAction";
        foreach (var name in Texts(action).Where(name => name != "*" && name.Split(':') is not [{ Length: > 0 }, { Length: > 0 }]))
            yield return $"{at}.Action: \"{name}\" is not SERVICE:ACTION";
        if (!statement.TryGetProperty("Principal", out _) && !statement.TryGetProperty("NotPrincipal", out _)
            && statement.TryGetProperty("Resource", out var resource) == statement.TryGetProperty("NotResource", out _)) yield return $"{at} needs either Resource or NotResource";
        else if (statement.TryGetProperty("Resource", out resource))
            foreach (var name in Texts(resource).Where(name => name != "*" && !name.StartsWith("arn:", StringComparison.Ordinal)))
                yield return $"{at}.Resource: \"{name}\" is neither * nor an ARN";
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        _ => [],
    };
}
