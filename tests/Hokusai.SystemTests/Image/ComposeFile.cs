using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Hokusai.SystemTests.Image;

/// <summary>One service of <c>compose.yaml</c>, with what it takes over from an anchor.</summary>
internal sealed class ComposeService(Dictionary<object, object> fields)
{
    public bool IsRole => Text("image") == "hokusai";

    public IReadOnlyList<string> Command => List("command");

    /// <summary>What the engine asks, without the word that says in which way.</summary>
    public IReadOnlyList<string> Health => [.. ((Dictionary<object, object>)fields["healthcheck"])["test"] is List<object> test ? test.Skip(1).Select(word => (string)word) : []];

    public IReadOnlyList<string> Ports => List("ports");

    public IReadOnlyList<string> DroppedCapabilities => List("cap_drop");

    public bool ReadOnly => Text("read_only") == "true";

    public IReadOnlyDictionary<string, string> Environment => Map("environment").ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value);

    /// <summary>Services that must be healthy before it is started.</summary>
    public IReadOnlyList<string> After => [.. Map("depends_on").Where(pair => (string)((Dictionary<object, object>)pair.Value)["condition"] == "service_healthy").Select(pair => (string)pair.Key)];

    private string? Text(string name) => fields.GetValueOrDefault(name) as string;

    private List<string> List(string name) => fields.GetValueOrDefault(name) is List<object> list ? [.. list.Cast<string>()] : [];

    private Dictionary<object, object> Map(string name) => fields.GetValueOrDefault(name) as Dictionary<object, object> ?? [];
}

/// <summary>The compose file, read as an engine reads it: aliases, merges, variables.</summary>
internal static partial class ComposeFile
{
    /// <param name="path">The file.</param>
    /// <param name="variables">What stands for <c>${NAME}</c>.</param>
    public static IReadOnlyDictionary<string, ComposeService> Read(string path, IReadOnlyDictionary<string, string> variables)
    {
        var text = Variable().Replace(File.ReadAllText(path), found => variables[found.Groups["name"].Value]);
        var parser = new MergingParser(new Parser(new StringReader(text)));
        parser.Consume<StreamStart>();
        var root = (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize(parser)!;
        return ((Dictionary<object, object>)root["services"]).ToDictionary(service => (string)service.Key, service => new ComposeService((Dictionary<object, object>)service.Value));
    }

    [GeneratedRegex(@"\$\{(?<name>\w+)(:\?[^}]*)?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
