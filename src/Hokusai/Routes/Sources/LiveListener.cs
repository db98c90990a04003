using System.Collections.Concurrent;
using System.Text.Json;

namespace Hokusai.Routes.Sources;

/// <summary>Reads listeners from AWS itself, with describe calls alone.</summary>
internal static class LiveListener
{
    // A describe call takes the CLI about a second, most of it its own start.
    private const int AtOnce = 4;

    /// <summary>Reads what belongs to some listeners; the ARN of a load balancer stands for all of its listeners.</summary>
    /// <param name="arns">ARNs, of one region.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandFailure">An ARN is none, or a call failed.</exception>
    public static async Task<RoutingSource> ReadAsync(IReadOnlyList<string> arns, CancellationToken cancellation)
    {
        var cli = new AwsCli(RegionOf(arns), AwsCli.Deadline);
        var reader = new DescribeReader();
        try
        {
            var listeners = new List<JsonElement>();
            foreach (var arn in arns) listeners.Add(await cli.AskAsync("describe-listeners", arn.Contains(":loadbalancer/", StringComparison.Ordinal) ? ["--load-balancer-arn", arn] : ["--listener-arns", arn], cancellation));
            foreach (var answer in listeners) reader.Add("describe-listeners", answer);
            var found = listeners.SelectMany(l => l.Items("Listeners")).Select(l => (Arn: l.Text("ListenerArn") ?? "", LoadBalancer: l.Text("LoadBalancerArn") ?? "")).Distinct().ToList();
            foreach (var (arn, _) in found) reader.Add(arn, await cli.AskAsync("describe-rules", ["--listener-arn", arn], cancellation));
            var groups = await GroupsAsync(cli, [.. found.Select(f => f.LoadBalancer).Distinct()], cancellation);
            foreach (var answer in groups) reader.Add("describe-target-groups", answer);
            await foreach (var (name, answer) in AboutAsync(cli, groups, cancellation)) reader.Add(name, answer);
            return reader.Build();
        }
        catch (InvalidDataException e)
        {
            throw CommandFailure.Unreachable($"what the AWS CLI wrote can't be read: {e.Message}");
        }
    }

    // Those of the load balancers, and of the rest those in the same networks that belong to none: whoever made them meant to use them.
    private static async Task<IReadOnlyList<JsonElement>> GroupsAsync(AwsCli cli, IReadOnlyList<string> loadBalancers, CancellationToken cancellation)
    {
        var answer = await cli.AskAsync("describe-target-groups", [], cancellation);
        var all = answer.Items("TargetGroups");
        var own = all.Where(g => g.Texts("LoadBalancerArns").Intersect(loadBalancers).Any()).ToList();
        var networks = own.Select(g => g.Text("VpcId")).OfType<string>().ToHashSet();
        var idle = all.Where(g => g.Items("LoadBalancerArns").Count == 0 && g.Text("VpcId") is { } network && networks.Contains(network));
        return [.. own.Concat(idle).Select(g => JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement[]> { ["TargetGroups"] = [g] }))];
    }

    private static async IAsyncEnumerable<(string Name, JsonElement Answer)> AboutAsync(AwsCli cli, IReadOnlyList<JsonElement> groups, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var calls = groups.SelectMany(g => g.Items("TargetGroups")).Select(g => (Name: g.Text("TargetGroupName") ?? "", Arn: g.Text("TargetGroupArn") ?? ""))
            .SelectMany(g => ((string[])["describe-target-health", "describe-target-group-attributes"]).Select(command => (g.Name, g.Arn, Command: command)));
        var answers = new ConcurrentQueue<(string, JsonElement)>();
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (call, token) =>
            answers.Enqueue((call.Name, await cli.AskAsync(call.Command, ["--target-group-arn", call.Arn], token))));
        foreach (var answer in answers) yield return answer;
    }

    // The CLI would ask the region of its own settings, where there is no such listener.
    private static string RegionOf(IReadOnlyList<string> arns)
    {
        var regions = arns.Select(arn => arn.Split(':') is ["arn", _, "elasticloadbalancing", { Length: > 0 } region, _, var resource] && (resource.StartsWith("listener/app/", StringComparison.Ordinal) || resource.StartsWith("loadbalancer/app/", StringComparison.Ordinal))
            ? region : throw CommandFailure.Usage($"--listener '{arn}': is no ARN of an Application Load Balancer or of its listener; 'aws elbv2 describe-load-balancers' and describe-listeners name them")).Distinct().ToList();
        return regions is [var one] ? one : throw CommandFailure.Usage($"--listener: names the regions {string.Join(" and ", regions)}; give listeners of one");
    }
}
