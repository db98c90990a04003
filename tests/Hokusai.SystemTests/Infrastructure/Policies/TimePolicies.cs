using System.Globalization;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Waiting times fit each other from the load balancer to the task.</summary>
internal static class TimePolicies
{
    /// <summary>How long the roles keep an idle connection open, in seconds: Kestrel's default, which they don't change.</summary>
    private const int KeepAlive = 130;

    /// <summary>How long Fargate lets a container take to stop, in seconds.</summary>
    private const int LongestStop = 120;

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        foreach (var balancer in state.Of("aws_lb"))
        {
            var idle = balancer.Number("idle_timeout") ?? 60;
            if (idle >= KeepAlive)
                yield return new PolicyFinding(balancer.Address, $"idle_timeout {idle} s is not below the services' keep-alive of {KeepAlive} s: they would close connections that the load balancer still uses, which is a 502", $"stay below {KeepAlive}");
            foreach (var gateway in state.Services.Where(service => service.Settings.ContainsKey("HOKUSAI_GATEWAY__LOADBALANCERIDLE")))
                if (TimeSpan.Parse(gateway.Settings["HOKUSAI_GATEWAY__LOADBALANCERIDLE"], CultureInfo.InvariantCulture).TotalSeconds != idle)
                    yield return new PolicyFinding(gateway.Task!.Address, $"the gateway takes the load balancer's idle timeout for {gateway.Settings["HOKUSAI_GATEWAY__LOADBALANCERIDLE"]}, and it is {idle} s", "both must be the same");
        }
        foreach (var service in state.Services)
        {
            var stop = service.Container.TryGetProperty("stopTimeout", out var timeout) ? timeout.GetInt32() : 30;
            if (stop > LongestStop) yield return new PolicyFinding(service.Task!.Address, $"stopTimeout {stop} s", $"Fargate allows {LongestStop}");
            if (!int.TryParse(service.Option("--drain-delay"), CultureInfo.InvariantCulture, out var drain)) continue;
            if (stop <= drain + 30)
                yield return new PolicyFinding(service.Task!.Address, $"stopTimeout {stop} s is not above the drain delay of {drain} s and the 30 s after it: tasks would be killed while they answer", "raise stopTimeout or lower --drain-delay");
            foreach (var group in service.Service.Blocks("load_balancer").Select(balancer => state.Find("aws_lb_target_group", "arn", balancer.Text("target_group_arn"))).OfType<StateResource>())
                if (group.Number("deregistration_delay") > drain && drain < LongestStop - 40)
                    yield return new PolicyFinding(group.Address, $"deregistration_delay {group.Text("deregistration_delay")} s, and {service.Name} takes requests for {drain} s after it is told to stop", "drain for as long as the load balancer may still send requests");
        }
    }
}
