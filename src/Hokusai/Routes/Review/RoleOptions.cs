using System.CommandLine;
using Hokusai.Routes.Sources;

namespace Hokusai.Routes.Review;

/// <summary>The options by which a verb is told what stands behind a target group.</summary>
internal sealed class RoleOptions
{
    private readonly (Role Role, Option<string[]> Option)[] _options =
    [
        (Role.Api, new("--api-group") { Description = "target group of the API service (default: by its name or port)" }),
        (Role.Mlflow, new("--mlflow-group") { Description = "target group of MLflow (default: by its name or port)" }),
        (Role.Auth, new("--auth-group") { Description = "target group of the auth service (default: by its name or port)" }),
    ];

    public Command AddTo(Command command)
    {
        foreach (var (_, option) in _options) command.Add(option);
        return command;
    }

    /// <exception cref="CommandFailure">A group is not there, or was given two roles.</exception>
    public Roles Read(ParseResult parsed, RoutingSource source)
    {
        var told = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var (role, option) in _options)
        {
            foreach (var group in parsed.GetValue(option) ?? [])
            {
                if (!source.Groups.ContainsKey(group)) throw CommandFailure.Usage($"{option.Name} '{group}': there is no such target group, only {string.Join(", ", source.Groups.Keys)}");
                if (!told.TryAdd(group, role)) throw CommandFailure.Usage($"{option.Name} '{group}': was given another role already");
            }
        }
        return new Roles(source, told);
    }
}
