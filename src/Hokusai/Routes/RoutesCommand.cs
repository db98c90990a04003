using System.CommandLine;
using Hokusai.Routes.Check;
using Hokusai.Routes.Diff;
using Hokusai.Routes.Explain;
using Hokusai.Routes.Review;
using Hokusai.Routes.Show;

namespace Hokusai.Routes;

/// <summary><c>hokusai routes</c>: the routing table of the load balancer, from the file that Terraform reads or from a real listener.</summary>
internal static class RoutesCommand
{
    public static Command Create() => new("routes", "the load balancer's routing: show it, check it, explain a URL, review a real listener")
    {
        ShowCommand.Create(),
        CheckCommand.Create(),
        ExplainCommand.Create(),
        ReviewCommand.Create(),
        DiffCommand.Create(),
    };
}
