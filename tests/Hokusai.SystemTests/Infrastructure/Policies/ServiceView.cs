using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>A service on ECS with all that it refers to.</summary>
internal sealed partial class ServiceView
{
    public ServiceView(AppliedState state, StateResource service)
    {
        Service = service;
        Task = state.Find("aws_ecs_task_definition", "arn", service.Text("task_definition"));
        using var containers = JsonDocument.Parse(Task?.Text("container_definitions") is { Length: > 0 } text ? text : "[{}]");
        Container = containers.RootElement[0].Clone();
        Registration = service.Blocks("service_registries").Select(registry => state.Find("aws_service_discovery_service", "arn", registry.Text("registry_arn"))).FirstOrDefault();
        Namespace = Registration?.Blocks("dns_config").Select(dns => state.Find("aws_service_discovery_private_dns_namespace", "id", dns.Text("namespace_id"))).FirstOrDefault();
    }

    /// <summary>The service itself.</summary>
    public StateResource Service { get; }

    /// <summary>Its task definition; null if it names one that is not there.</summary>
    public StateResource? Task { get; }

    /// <summary>Its only container.</summary>
    public JsonElement Container { get; }

    /// <summary>The entry of service discovery in which it is registered; null without one.</summary>
    public StateResource? Registration { get; }

    /// <summary>The namespace of that entry.</summary>
    public StateResource? Namespace { get; }

    /// <summary>The name under which others find it, such as <c>api</c>; without one, that of its container.</summary>
    public string Name => Registration?.Text("name") ?? ContainerName;

    public string ContainerName => Container.TryGetProperty("name", out var name) ? name.GetString()! : "";

    /// <summary>The full name, such as <c>mlflow.hokusai.local</c>.</summary>
    public string HostName => $"{Registration?.Text("name")}.{Namespace?.Text("name")}";

    /// <summary>The port that the program listens on, by its command.</summary>
    public int? Port => int.TryParse(Option("--port"), CultureInfo.InvariantCulture, out var port) ? port : null;

    public IReadOnlyList<string> Command => List("command");

    public IReadOnlyList<string> SecurityGroups => [.. Service.Blocks("network_configuration").SelectMany(network => network.Texts("security_groups"))];

    /// <summary>Environment variables by name.</summary>
    public IReadOnlyDictionary<string, string> Settings => Container.TryGetProperty("environment", out var pairs)
        ? pairs.EnumerateArray().ToDictionary(pair => pair.GetProperty("name").GetString()!, pair => pair.GetProperty("value").GetString()!, StringComparer.Ordinal) : new Dictionary<string, string>();

    /// <summary>Ports that the container shows.</summary>
    public IReadOnlyList<int> MappedPorts => Container.TryGetProperty("portMappings", out var ports) ? [.. ports.EnumerateArray().Select(port => port.GetProperty("containerPort").GetInt32())] : [];

    /// <summary>The URL that the container's own health check asks; null without one.</summary>
    public Uri? HealthUrl => Container.TryGetProperty("healthCheck", out var check) && check.TryGetProperty("command", out var command)
        && command.EnumerateArray().Select(word => word.GetString()!).FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } url ? new Uri(url) : null;

    /// <summary>What the command gives for a flag.</summary>
    public string? Option(string flag) => Command.SkipWhile(word => word != flag).Skip(1).FirstOrDefault();

    /// <summary>Every host and port that command and settings tell it to speak to, with where that stands.</summary>
    public IEnumerable<(string Where, string Host, int Port)> Speaks() =>
        Settings.Select(setting => (Where: setting.Key, Text: setting.Value)).Concat(Command.Select(word => (Where: "command", Text: word)))
            .SelectMany(told => (told.Where.EndsWith("REDIS", StringComparison.Ordinal) ? RedisServer() : Url()).Matches(told.Text)
                .Select(found => (told.Where, found.Groups["host"].Value, int.Parse(found.Groups["port"].Value, CultureInfo.InvariantCulture))));

    private IReadOnlyList<string> List(string name) => Container.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(word => word.GetString()!)] : [];

    [GeneratedRegex(@"^(?:https?|postgresql)://(?:[^@/]*@)?(?<host>[^:/@]+):(?<port>[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Url();

    [GeneratedRegex(@"^(?<host>[^:,]+):(?<port>[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex RedisServer();
}
