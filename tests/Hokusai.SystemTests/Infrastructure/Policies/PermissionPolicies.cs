using System.Text.Json;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Roles may do what their service needs, and no more.</summary>
internal static class PermissionPolicies
{
    /// <summary>Actions for which AWS knows no resource.</summary>
    private static readonly string[] WithoutResource = ["ecr:GetAuthorizationToken", "logs:DescribeLogGroups"];

    private sealed record Statement(string Role, string Address, IReadOnlyList<string> Actions, IReadOnlyList<string> Resources);

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        var statements = state.Of("aws_iam_role_policy").SelectMany(policy => Statements(policy)).ToList();
        foreach (var statement in statements)
        {
            foreach (var action in statement.Actions.Where(action => action.Contains('*', StringComparison.Ordinal)))
                yield return new PolicyFinding(statement.Address, $"it allows {action}", "list the actions that are needed");
            if (statement.Resources.Contains("*") && !statement.Actions.All(action => WithoutResource.Contains(action)))
                yield return new PolicyFinding(statement.Address, $"it allows {string.Join(", ", statement.Actions)} on everything", "name the resources");
        }
        foreach (var service in state.Services.Where(service => service.Task is not null))
        {
            foreach (var finding in Start(service, statements).Concat(Artifacts(service, statements))) yield return finding;
        }
        foreach (var shared in state.Services.Where(service => service.Task is not null).GroupBy(service => service.Task!.Text("task_role_arn"), StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return new PolicyFinding(shared.First().Task!.Address, $"{string.Join(" and ", shared.Select(service => service.Name))} share a task role", "give each a role of its own");
    }

    // By the execution role ECS starts a task: it reads the task's own secrets, and nothing else.
    private static IEnumerable<PolicyFinding> Start(ServiceView service, IEnumerable<Statement> all)
    {
        var role = all.Where(statement => statement.Role == RoleOf(service.Task!.Text("execution_role_arn"))).ToList();
        var readable = role.Where(statement => statement.Actions.Contains("secretsmanager:GetSecretValue")).SelectMany(statement => statement.Resources).ToList();
        var secrets = Secrets(service).ToList();
        foreach (var secret in secrets.Where(secret => !readable.Exists(resource => Covers(resource, secret))))
            yield return new PolicyFinding(service.Task!.Address, $"its execution role may not read {secret}, so no task would start", "add the secret to the role's policy");
        foreach (var other in readable.Where(resource => !secrets.Exists(secret => Covers(resource, secret))))
            yield return new PolicyFinding(service.Task!.Address, $"its execution role may read {other}, which is no secret of its", "take it out of the role's policy");
        if (role.Exists(TouchesArtifacts)) yield return new PolicyFinding(service.Task!.Address, "its execution role may touch artifacts", "that is the task role's business");
    }

    // By the task role the program works: only what stores artifacts may touch the bucket.
    private static IEnumerable<PolicyFinding> Artifacts(ServiceView service, IEnumerable<Statement> all)
    {
        var bucket = service.Command.FirstOrDefault(word => word.StartsWith("s3://", StringComparison.Ordinal))?["s3://".Length..].Split('/')[0];
        var touches = all.Where(statement => statement.Role == RoleOf(service.Task!.Text("task_role_arn")) && TouchesArtifacts(statement)).ToList();
        if (bucket is null)
        {
            if (touches.Count > 0) yield return new PolicyFinding(touches[0].Address, $"{service.Name} may touch artifacts and stores none", "only the tracking server needs them");
            yield break;
        }
        var granted = touches.Where(statement => statement.Resources.Any(resource => resource.StartsWith($"arn:aws:s3:::{bucket}", StringComparison.Ordinal))).SelectMany(statement => statement.Actions).ToList();
        foreach (var action in new[] { "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket" }.Except(granted))
            yield return new PolicyFinding(service.Task!.Address, $"its task role lacks {action} on the bucket {bucket}", "allow it");
    }

    private static bool TouchesArtifacts(Statement statement) => statement.Actions.Any(action => action.StartsWith("s3:", StringComparison.Ordinal));

    // A task may ask for one field of a secret, written behind its ARN.
    private static bool Covers(string resource, string secret) => secret == resource || secret.StartsWith(resource + ":", StringComparison.Ordinal);

    private static IEnumerable<string> Secrets(ServiceView service) => service.Container.TryGetProperty("secrets", out var secrets) ? secrets.EnumerateArray().Select(secret => secret.GetProperty("valueFrom").GetString()!) : [];

    private static string RoleOf(string arn) => arn[(arn.LastIndexOf('/') + 1)..];

    private static IEnumerable<Statement> Statements(StateResource policy)
    {
        using var document = JsonDocument.Parse(policy.Text("policy"));
        return [.. document.RootElement.GetProperty("Statement").EnumerateArray().Where(statement => statement.GetProperty("Effect").GetString() == "Allow")
            .Select(statement => new Statement(policy.Text("role"), policy.Address, Texts(statement, "Action"), Texts(statement, "Resource")))];
    }

    private static List<string> Texts(JsonElement statement, string name) => !statement.TryGetProperty(name, out var value) ? [] : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(text => text.GetString()!)] : [value.GetString()!];
}
