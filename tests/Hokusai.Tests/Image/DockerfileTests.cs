using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hokusai.Image;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Image;

/// <summary>The Dockerfile and build/image make one image: two ways, the same settings and places.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string Text = Repository.Read("Dockerfile");
    private static readonly string LastStage = Text[Text.LastIndexOf("\nFROM ", StringComparison.Ordinal)..].Replace("\\\n", " ", StringComparison.Ordinal);
    private static readonly JsonObject Settings = HokusaiImage.Settings(new Release("0.1.0", "unknown", DateTimeOffset.UnixEpoch));

    [Theory]
    [InlineData("USER", "User")]
    [InlineData("WORKDIR", "WorkingDir")]
    [InlineData("STOPSIGNAL", "StopSignal")]
    [InlineData("ENTRYPOINT", "Entrypoint")]
    [InlineData("CMD", "Cmd")]
    public void Instruction_OfTheLastStage_SaysWhatTheScriptSays(string instruction, string setting)
    {
        var value = Settings[setting]!;
        Assert.Equal(value is JsonArray ? value.ToJsonString() : (string?)value, Instruction(instruction).Replace(", ", ",", StringComparison.Ordinal));
    }

    // The official base has its certificates where its own OpenSSL looks for them.
    [Fact]
    public void Environment_OfTheLastStage_IsTheScripts() => Assert.Equal(
        Settings["Env"]!.AsArray().Select(setting => (string)setting!).Where(setting => !setting.StartsWith("SSL_CERT_FILE=", StringComparison.Ordinal)),
        Instruction("ENV").Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void Labels_OfTheLastStage_AreTheScripts() => Assert.Equal(Settings["Labels"]!.AsObject().Select(label => label.Key), Label().Matches(LastStage).Select(label => label.Groups["name"].Value));

    // Restoring needs every project: one that is not copied fails the build, which nobody runs here.
    [Fact]
    public void Projects_AreAllCopiedBeforeRestoring() => Repository.AssertNone(Repository.Projects("src/")
        .Where(project => !Text.Contains($"COPY {project} {Path.GetDirectoryName(project)}/packages.lock.json {Path.GetDirectoryName(project)}/", StringComparison.Ordinal))
        .Select(project => $"Dockerfile: {project} and its packages.lock.json are not copied"));

    [Fact]
    public void Properties_OfTheBuild_AreTheScripts()
    {
        var script = Property().Matches(Repository.Read("build/image")).Select(property => property.Groups["name"].Value).Where(name => name != "ArtifactsPath").Order(StringComparer.Ordinal);
        Assert.Equal(script, Property().Matches(Text).Select(property => property.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Bases_ArePinned() => Assert.Equal(2, Pinned().Count(Text));

    private static string Instruction(string name) => Regex.Match(LastStage, $"^{name} +(?<value>.+)$", RegexOptions.Multiline).Groups["value"].Value.Trim();

    [GeneratedRegex(@"(?<name>org\.opencontainers\.[\w.]+)=", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"-p:(?<name>\w+)=", RegexOptions.CultureInvariant)]
    private static partial Regex Property();

    [GeneratedRegex(@"^ARG (SDK|RUNTIME)=10\.0\.\d+-noble(-chiseled)?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Pinned();
}
