using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hokusai.AwsStub.Values;

/// <summary>The JSON of the data source <c>aws_iam_policy_document</c>, which the real provider makes without asking AWS too.</summary>
internal static class PolicyDocument
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Minified = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds <c>json</c> and <c>minified_json</c> to what the data source was configured with.</summary>
    public static void Render(Dictionary<string, object?> document)
    {
        var statements = new List<JsonObject>();
        foreach (var source in Texts(document, "source_policy_documents")) Merge(statements, Parsed(source));
        Merge(statements, Blocks(document, "statement").Select(Statement));
        foreach (var source in Texts(document, "override_policy_documents")) Merge(statements, Parsed(source));
        var policy = new JsonObject { ["Version"] = document.GetValueOrDefault("version") as string ?? "2012-10-17" };
        if (document.GetValueOrDefault("policy_id") is string id) policy["Id"] = id;
        policy["Statement"] = new JsonArray([.. statements]);
        document["json"] = policy.ToJsonString(Indented);
        document["minified_json"] = policy.ToJsonString(Minified);
    }

    // A statement takes the place of an earlier one with its Sid.
    private static void Merge(List<JsonObject> statements, IEnumerable<JsonObject> more)
    {
        foreach (var statement in more)
        {
            var same = statement["Sid"] is { } sid ? statements.FindIndex(earlier => earlier["Sid"]?.GetValue<string>() == sid.GetValue<string>()) : -1;
            if (same >= 0) statements[same] = statement;
            else statements.Add(statement);
        }
    }

    private static IEnumerable<JsonObject> Parsed(string document) => JsonNode.Parse(document)!["Statement"]!.AsArray().Select(statement => statement!.DeepClone().AsObject());

    private static JsonObject Statement(Dictionary<string, object?> block)
    {
        var statement = new JsonObject();
        if (block.GetValueOrDefault("sid") is string { Length: > 0 } sid) statement["Sid"] = sid;
        statement["Effect"] = block.GetValueOrDefault("effect") as string ?? "Allow";
        foreach (var (argument, element) in new[] { ("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource") })
            if (Texts(block, argument) is { Count: > 0 } values) statement[element] = OneOrMany(values);
        foreach (var (argument, element) in new[] { ("principals", "Principal"), ("not_principals", "NotPrincipal") })
            if (Blocks(block, argument).ToList() is { Count: > 0 } principals) statement[element] = Principals(principals);
        if (Blocks(block, "condition").ToList() is not { Count: > 0 } conditions) return statement;
        var tests = new JsonObject();
        foreach (var test in conditions.GroupBy(condition => (string)condition["test"]!, StringComparer.Ordinal))
            tests[test.Key] = new JsonObject(test.Select(condition => KeyValuePair.Create<string, JsonNode?>((string)condition["variable"]!, OneOrMany(Texts(condition, "values")))));
        statement["Condition"] = tests;
        return statement;
    }

    private static JsonNode Principals(List<Dictionary<string, object?>> principals)
    {
        // "*" of type "*" stands for everybody and is written without a type.
        if (principals is [{ } only] && only["type"] is "*" && Texts(only, "identifiers") is ["*"]) return JsonValue.Create("*");
        return new JsonObject(principals.GroupBy(principal => (string)principal["type"]!, StringComparer.Ordinal)
            .Select(type => KeyValuePair.Create<string, JsonNode?>(type.Key, OneOrMany([.. type.SelectMany(principal => Texts(principal, "identifiers"))]))));
    }

    private static JsonNode OneOrMany(List<string> values) => values is [var only] ? JsonValue.Create(only) : new JsonArray([.. values.Select(value => JsonValue.Create(value))]);

    private static List<string> Texts(Dictionary<string, object?> block, string name) => block.GetValueOrDefault(name) is List<object?> list ? [.. list.OfType<string>()] : [];

    private static IEnumerable<Dictionary<string, object?>> Blocks(Dictionary<string, object?> block, string name) => block.GetValueOrDefault(name) is List<object?> list ? list.OfType<Dictionary<string, object?>>() : [];
}
