using System.Text.RegularExpressions;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Serve;

public sealed partial class RoleSettingsTests
{
    [Fact]
    public void Options_OfAllRoles_HaveOneSettingEach() => Repository.AssertNone(RoleBinding.All.SelectMany(role => role.Standard
        .Select(leaf => (leaf.Path, Settings: role.Changes.Where(change => change.Value.Contains(leaf)).Select(change => change.Key).ToList()))
        .Where(found => found.Settings.Count != 1)
        .Select(found => $"{role.Name}: the option {found.Path} has {(found.Settings.Count == 0 ? "no setting: add its line to RoleSettings" : "several settings: " + string.Join(", ", found.Settings))}")));

    // Only what is one thing to the user may be two options: a property that two records have by the same name.
    [Fact]
    public void Settings_OfAllRoles_MeanOneThingEach() => Repository.AssertNone(RoleBinding.All.SelectMany(role => role.Changes
        .Where(change => change.Value.Select(leaf => leaf.Path.Split('.')[^1]).Distinct().Count() != 1)
        .Select(change => $"{role.Name} {change.Key}: changes {(change.Value.Count == 0 ? "no option that a test can see" : string.Join(" and ", change.Value.Select(leaf => leaf.Path)))}")));

    [Fact]
    public void Settings_OfAllRoles_AreWrittenInCamelCase() => Repository.AssertNone(RoleBinding.All.SelectMany(role => role.Settings).Where(name => !CamelCase().IsMatch(name)));

    [Fact]
    public void Settings_NumbersAndTimes_HaveARangeThatNamesThem() => Repository.AssertNone(RoleBinding.All.SelectMany(role => role.Settings
        .Where(setting => role.Option(setting).Type is var type && (type == typeof(TimeSpan) || (type.IsPrimitive && type != typeof(bool))))
        .Where(setting => !role.FaultsOfLargest(setting).Any(fault => fault.StartsWith($"{role.Name} {setting} ", StringComparison.Ordinal) && fault.Contains(": must be ", StringComparison.Ordinal)))
        .Select(setting => $"{role.Name} {setting}: takes any value, or its fault has another name: {string.Join(" / ", role.FaultsOfLargest(setting))}")));

    [Fact]
    public void Faults_OfTheGateway_NameItsSettings()
    {
        var gateway = RoleBinding.Gateway;
        var faults = gateway.Settings.SelectMany(gateway.FaultsOfLargest).Concat(gateway.FaultsOf(
            ("upstream", "mlflow:5000"), ("authService", "auth"), ("serviceId", " "), ("upstreamCredential", "serviceToken"), ("trustedProxies", "10.0.0.0/99"), ("discoveryMode", "dns"),
            ("upstreamAddresses", "10.0.0.1:5000, mlflow"), ("nameServers", "dns"), ("telemetryServiceName", " "), ("otlpEndpoint", "collector"), ("emfNamespace", "a b"), ("traceRatio", "much"))).ToList();
        Assert.True(faults.Count > 70, string.Join('\n', faults));
        Repository.AssertNone(faults.Where(fault => !Named(fault).All(gateway.Settings.Contains)));
    }

    [Fact]
    public void Time_WithoutColon_IsNoTime() => Assert.Contains("gateway staleAddressLifetime '5': must be a time such as 00:00:30", RoleBinding.Gateway.FaultsOf(("staleAddressLifetime", "5")));

    [Fact]
    public void Choice_Unknown_NamesThoseThereAre() => Assert.Contains("gateway upstreamCredential 'drop': must be strip or forward or serviceToken", RoleBinding.Gateway.FaultsOf(("upstreamCredential", "drop")));

    // The setting that a fault begins with, and the other one if it is about two.
    private static IEnumerable<string> Named(string fault) => Fault().Match(fault) is { Success: true } found
        ? found.Groups["name"].Captures.Select(name => name.Value)
        : ["no setting at all"];

    [GeneratedRegex("^[a-z]+([A-Z][a-z]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex CamelCase();

    [GeneratedRegex(@"^gateway (?<name>[A-Za-z]+)[: ](.* and (?<name>[a-z]+[A-Z][A-Za-z]*) )?", RegexOptions.CultureInvariant)]
    private static partial Regex Fault();
}
