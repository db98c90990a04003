using System.Globalization;
using Hokusai.Edge;
using Hokusai.Gateway;
using Hokusai.Keys;
using Hokusai.Serve;
using Microsoft.Extensions.Configuration;

namespace Hokusai.Tests.Serve;

/// <summary>Which setting of a role sets which option, found out by setting each alone and looking at what changes.</summary>
internal sealed class RoleBinding
{
    // Among them is one for every type of option that is good and not the default.
    private static readonly (string Below, string Text)[] Tries =
        [("", "true"), ("", "false"), ("", "00:00:07"), ("", "3"), ("", "7"), ("", "0.125"), ("", "forward"), ("", "refuse"), ("", "static"), ("", "service"), ("", "httpProtobuf"), ("", "remove"), ("", "text"), (":api", "text")];

    private readonly Func<Settings, object> _bind;
    private readonly Func<object, IReadOnlyList<string>> _faults;

    private RoleBinding(string name, object standard, Func<Settings, object> bind, Func<object, IReadOnlyList<string>> faults)
    {
        (Name, _bind, _faults) = (name, bind, faults);
        Standard = OptionWalk.Of(standard);
        var settings = Read([]);
        bind(settings);
        Settings = [.. settings.Known];
        Changes = Settings.ToDictionary(setting => setting, ChangedBy, StringComparer.Ordinal);
    }

    public static RoleBinding Gateway { get; } = new("gateway", new GatewayOptions(), RoleSettings.Gateway, options => ((GatewayOptions)options).Faults());

    public static RoleBinding Keys { get; } = new("keys", new KeysOptions(), RoleSettings.Keys, options => ((KeysOptions)options).Faults());

    public static RoleBinding Edge { get; } = new("edge", new EdgeOptions(), RoleSettings.Edge, options => ((EdgeOptions)options).Faults(out _));

    public static IReadOnlyList<RoleBinding> All { get; } = [Gateway, Keys, Edge];

    public string Name { get; }

    /// <summary>The options as they are when nothing is set.</summary>
    public IReadOnlyList<OptionLeaf> Standard { get; }

    /// <summary>Every setting that the role asks for.</summary>
    public IReadOnlyList<string> Settings { get; }

    /// <summary>The options that a setting changes.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<OptionLeaf>> Changes { get; }

    /// <summary>The option that a setting stands for.</summary>
    public OptionLeaf Option(string setting) => Changes[setting][0];

    /// <summary>What a role says to settings.</summary>
    public IReadOnlyList<string> FaultsOf(params (string Setting, string Text)[] settings)
    {
        var read = Read(settings);
        var options = _bind(read);
        return [.. read.Faults, .. _faults(options)];
    }

    /// <summary>What a role says to a setting that is as large as its type allows; empty for one that is no number and no time.</summary>
    public IReadOnlyList<string> FaultsOfLargest(string setting)
    {
        var type = Option(setting).Type;
        if (type == typeof(TimeSpan)) return FaultsOf((setting, TimeSpan.MaxValue.ToString("c", CultureInfo.InvariantCulture)));
        if (type == typeof(int)) return FaultsOf((setting, int.MaxValue.ToString(CultureInfo.InvariantCulture)));
        if (type == typeof(long)) return FaultsOf((setting, long.MaxValue.ToString(CultureInfo.InvariantCulture)));
        return type == typeof(double) ? FaultsOf((setting, "NaN")) : [];
    }

    private IReadOnlyList<OptionLeaf> ChangedBy(string setting)
    {
        foreach (var (below, text) in Tries)
        {
            var settings = Read((setting + below, text));
            var bound = OptionWalk.Of(_bind(settings));
            if (settings.Faults.Count > 0) continue;
            var changed = Standard.Where((leaf, i) => leaf.Text != bound[i].Text).ToList();
            if (changed.Count > 0) return changed;
        }
        return [];
    }

    private Settings Read(params (string Setting, string Text)[] settings) => Hokusai.Serve.Settings.From(
        Name, new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"{Name}:{s.Setting}", (string?)s.Text))).Build());
}
