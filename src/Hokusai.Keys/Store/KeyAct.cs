using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hokusai.Keys.Store;

/// <summary>What was done in a transaction, on its way to the audit log and the log.</summary>
internal sealed record KeyAct(string Act, string Actor, string Subject, JsonObject Detail)
{
    /// <summary>What was agreed for a key; what has no limit is absent.</summary>
    public static JsonObject Describe(StoredKey key)
    {
        var terms = key.Terms;
        var described = new JsonObject { ["user_id"] = terms.UserId, ["name"] = terms.Name, ["scopes"] = string.Join(',', terms.Scopes), ["expires_at"] = terms.Expires };
        if (terms.Email is not null) described["email"] = terms.Email;
        if (terms.Environment is not null) described["environment"] = terms.Environment;
        if (JsonSerializer.SerializeToNode(terms.Limits, StoreJson.Default.KeyLimits) is JsonObject { Count: > 0 } limits) described["limits"] = limits;
        return described;
    }

    /// <summary>What is agreed otherwise than before.</summary>
    public static JsonObject Changes(StoredKey before, StoredKey after)
    {
        var (from, to) = (Describe(before), Describe(after));
        foreach (var name in from.Select(field => field.Key).Where(name => to.ContainsKey(name) && JsonNode.DeepEquals(from[name], to[name])).ToList())
        {
            from.Remove(name);
            to.Remove(name);
        }
        return new JsonObject { ["from"] = from, ["to"] = to };
    }
}
