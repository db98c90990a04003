using System.Text.RegularExpressions;
using Hokusai.Serve;
using Hokusai.Tests.Architecture;
using Microsoft.Extensions.Configuration;

namespace Hokusai.Tests.Infrastructure;

/// <summary>What Terraform puts into the environment of the services is what the roles read.</summary>
public sealed partial class ServiceEnvironmentTests
{
    private static readonly (string Role, string Setting)[] Given =
        [.. Setting().Matches(Repository.Read("infrastructure/terraform/services.tf")).Select(match => (match.Groups[1].Value.ToLowerInvariant(), match.Groups[2].Value)).Distinct()];

    [Fact]
    public void Settings_OfTheGateway_AreItsOwn() => AssertKnown("gateway", settings => RoleSettings.Gateway(settings));

    [Fact]
    public void Settings_OfTheAuthService_AreItsOwn() => AssertKnown("keys", settings => RoleSettings.Keys(settings));

    [Fact]
    public void Settings_OfOtherRoles_AreNone() => Assert.All(Given, given => Assert.Contains(given.Role, new[] { "gateway", "keys" }));

    private static void AssertKnown(string role, Action<Settings> bind)
    {
        var given = Given.Where(g => g.Role == role).Select(g => g.Setting).ToList();
        Assert.NotEmpty(given);
        var settings = Settings.From(role, new ConfigurationBuilder().AddInMemoryCollection().Build());
        bind(settings);
        Assert.All(given, setting => Assert.Contains(setting, settings.Known, StringComparer.OrdinalIgnoreCase));
    }

    [GeneratedRegex("HOKUSAI_([A-Z]+)__([A-Z]+)")]
    private static partial Regex Setting();
}
