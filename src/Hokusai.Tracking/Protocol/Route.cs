using Hokusai.Contracts.Routing;

namespace Hokusai.Tracking.Protocol;

/// <summary>Under which prefixes an endpoint exists.</summary>
internal enum RouteFamily
{
    /// <summary><c>/api/2.0</c> for clients, <c>/ajax-api/2.0</c> for the UI.</summary>
    Rest,

    /// <summary><c>/ajax-api/2.0</c> only: made for the UI.</summary>
    Ui,

    /// <summary>No prefix.</summary>
    Root,

    /// <summary>No prefix, and none of the configured static prefix either: <c>/health</c>, <c>/version</c>.</summary>
    Service,
}

/// <summary>One endpoint.</summary>
/// <param name="Method">Its method; GET answers HEAD too.</param>
/// <param name="Path">Its path below the family's prefixes; <c>{name}</c> stands for one segment, <c>{*name}</c> for all that follow.</param>
/// <param name="Handle">What answers it.</param>
/// <param name="Family">Where it exists.</param>
/// <param name="ReadsMessage">Whether it takes JSON or query fields; false for raw bodies.</param>
internal sealed record Route(string Method, string Path, Func<ApiCall, Task> Handle, RouteFamily Family = RouteFamily.Rest, bool ReadsMessage = true);

/// <summary>Puts endpoints into a table, each under all of its family's prefixes.</summary>
internal static class RouteTable
{
    public static PathTable<Route> Build(IEnumerable<Route> routes, string staticPrefix)
    {
        var table = new PathTable<Route>();
        foreach (var route in routes)
        {
            foreach (var prefix in Prefixes(route.Family, staticPrefix)) table.Add(route.Method, prefix + route.Path, route);
        }
        return table;
    }

    private static string[] Prefixes(RouteFamily family, string staticPrefix) => family switch
    {
        RouteFamily.Rest => ["/api/2.0", staticPrefix + "/ajax-api/2.0"],
        RouteFamily.Ui => [staticPrefix + "/ajax-api/2.0"],
        RouteFamily.Root => [staticPrefix],
        _ => [""],
    };
}
