using System.CommandLine;
using Hokusai.Routes;

namespace Hokusai.Tests.Routes;

/// <summary>Runs <c>hokusai routes</c> in this process, on files in a folder of its own.</summary>
internal sealed class RoutesRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokusai-routes-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Writes a file.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, string text)
    {
        var path = PathOf(name);
        File.WriteAllText(path, text);
        return path;
    }

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs a command line.</summary>
    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await new RootCommand { RoutesCommand.Create() }.Parse(["routes", .. arguments]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = output }, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }

    /// <summary>Runs one that must be refused.</summary>
    public static async Task<CommandFailure> RefusedAsync(params string[] arguments) => await Assert.ThrowsAsync<CommandFailure>(() => RunAsync(arguments));
}
