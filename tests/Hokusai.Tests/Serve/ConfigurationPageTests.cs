using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hokusai.Serve;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Serve;

/// <summary>docs/configuration.md says what the program does: every setting and flag of every role, with its default and range.</summary>
public sealed partial class ConfigurationPageTests
{
    [Fact]
    public void Names_OfAllRoles_AreTheBoundOnes() => Repository.AssertNone(RoleBinding.All.SelectMany(role =>
    {
        var documented = ConfigurationPage.Settings(role.Name).Select(row => row.Name).ToList();
        return role.Settings.Except(documented).Select(name => $"{role.Name} {name}: is not in {ConfigurationPage.Path}")
            .Concat(documented.Except(role.Settings).Select(name => $"{role.Name} {name}: stands in {ConfigurationPage.Path} and does not exist"))
            .Concat(documented.GroupBy(name => name).Where(twins => twins.Count() > 1).Select(twins => $"{role.Name} {twins.Key}: stands in {ConfigurationPage.Path} more than once"));
    }));

    [Fact]
    public void Defaults_OfAllRoles_AreTheBoundOnes() => Repository.AssertNone(Rows()
        .Where(found => found.Row.Default != found.Role.Option(found.Row.Name).Text)
        .Select(found => $"{found.Role.Name} {found.Row.Name}: the default is {found.Role.Option(found.Row.Name).Text}, {ConfigurationPage.Path} says {found.Row.Default}"));

    [Fact]
    public void Ranges_OfAllRoles_AreTheCheckedOnes() => Repository.AssertNone(Rows()
        .Select(found => (found.Role, found.Row, Checked: Range(found.Role, found.Row.Name)))
        .Where(found => found.Checked is not null && found.Row.Range != found.Checked)
        .Select(found => $"{found.Role.Name} {found.Row.Name}: the range is {found.Checked}, {ConfigurationPage.Path} says {found.Row.Range}"));

    [Fact]
    public void Meanings_OfAllRoles_AreThere() => Repository.AssertNone(Rows().Where(found => found.Row.Meaning.Length < 10 || found.Row.Range.Length == 0).Select(found => $"{found.Role.Name} {found.Row.Name}: range or meaning is missing"));

    [Fact]
    public void Flags_OfAllRoles_AreThoseOfTheCommands() => Repository.AssertNone(ServeCommand.Create().Subcommands.SelectMany(role =>
    {
        var taken = role.Options.Select(option => $"{option.Name} {Default(option)}").ToList();
        var documented = ConfigurationPage.Flags(role.Name).Select(row => $"{row.Name} {row.Default}").ToList();
        return taken.Except(documented).Select(flag => $"{role.Name}: flag and default {flag} are not in {ConfigurationPage.Path}").Concat(documented.Except(taken).Select(flag => $"{role.Name}: {ConfigurationPage.Path} has {flag}, which does not exist"));
    }));

    private static IEnumerable<(RoleBinding Role, DocumentedSetting Row)> Rows() =>
        RoleBinding.All.SelectMany(role => ConfigurationPage.Settings(role.Name).Where(row => role.Changes.ContainsKey(row.Name)).Select(row => (role, row)));

    // As the program itself says it when a setting is out of its range.
    private static string? Range(RoleBinding role, string setting)
    {
        var type = role.Option(setting).Type;
        if (type == typeof(bool)) return "true or false";
        if (type.IsEnum) return string.Join(" or ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName));
        return role.FaultsOfLargest(setting).Where(fault => fault.StartsWith($"{role.Name} {setting} ", StringComparison.Ordinal)).Select(fault => MustBe().Match(fault)).FirstOrDefault(found => found.Success)?.Groups["range"].Value;
    }

    private static string Default(Option option) => option.ValueType == typeof(bool) ? "false" : OptionWalk.Text(option.HasDefaultValue ? option.GetDefaultValue() : null);

    [GeneratedRegex(": must be (?<range>.+ to .+)$", RegexOptions.CultureInvariant)]
    private static partial Regex MustBe();
}
