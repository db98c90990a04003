using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>No private address stands anywhere: addresses of tasks die with the next deployment.</summary>
internal static partial class AddressPolicies
{
    private static readonly IPNetwork[] Private = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("169.254.0.0/16")];

    public static IEnumerable<PolicyFinding> Check(AppliedState state)
    {
        // The network itself has to have a range, and what is told to trust its subnets names those.
        var own = state.Of("aws_vpc").Concat(state.Of("aws_subnet")).Select(network => network.Text("cidr_block")).ToHashSet(StringComparer.Ordinal);
        return state.Resources.SelectMany(resource => Texts(resource.Values, "")
            .SelectMany(text => Address().Matches(text.Text).Select(found => (text.Path, found.Value)))
            .Where(found => !own.Contains(found.Value) && IPAddress.TryParse(found.Value.Split('/')[0], out var address) && Private.Any(network => network.Contains(address)))
            .Select(found => new PolicyFinding(resource.Address, $"{found.Path} holds the private address {found.Value}", "use a name of service discovery, or a security group")));
    }

    private static IEnumerable<(string Path, string Text)> Texts(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.String => [(path, value.GetString()!)],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(element => Texts(element, path)),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}")),
        _ => [],
    };

    [GeneratedRegex(@"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?(?![0-9.])", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
