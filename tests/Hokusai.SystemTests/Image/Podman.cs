using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Image;

/// <summary>podman with a store of its own in a temporary folder; containers and store are gone at the end.</summary>
internal sealed class Podman : IAsyncDisposable
{
    private const string Program = "podman";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _containers = [];

    private Podman()
    {
    }

    /// <summary>Whether it is on this machine.</summary>
    public static bool IsPresent => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>The image, as it is called in the store.</summary>
    public string Image { get; private set; } = "";

    /// <summary>Loads an image.</summary>
    public static async Task<Podman> LoadAsync(string archive)
    {
        var podman = new Podman();
        try
        {
            const string Loaded = "Loaded image: ";
            var said = await podman.DoAsync("load", "-i", archive);
            podman.Image = said.Split('\n').Single(line => line.StartsWith(Loaded, StringComparison.Ordinal))[Loaded.Length..].Trim();
            return podman;
        }
        catch
        {
            await podman.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a container, as tightly closed as production has it: nothing to write to but a volume at /data, no capability, no new privilege.</summary>
    public RunningContainer Run(params IEnumerable<string> arguments)
    {
        var name = $"hokusai-test-{_containers.Count}";
        _containers.Add(name);
        // What an orchestrator gives is spelled out. The limits are there because the defaults are above what a sandbox may set.
        return new RunningContainer(this, name, [
            .. Common(), "run", "--name", name, "--network", "host", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges",
            "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096", "--volume", "/data", Image, .. arguments]);
    }

    /// <summary>Runs podman to its end.</summary>
    public async Task<Script> TryAsync(params IEnumerable<string> arguments) => await Script.RunAsync(Program, Deadline, [.. Common(), .. arguments]);

    /// <summary>Runs podman to its end, which must be a good one.</summary>
    public async Task<string> DoAsync(params IEnumerable<string> arguments) => (await TryAsync(arguments)).Fine();

    /// <summary>The words that start podman in the foreground.</summary>
    public static string Executable => Program;

    public async ValueTask DisposeAsync()
    {
        // One by one: with several names podman stops at the first that is not there.
        foreach (var container in _containers) await TryAsync("rm", "--force", "--volumes", "--time", "0", container);
        await TryAsync("rmi", "--all", "--force");
        _folder.Dispose();
    }

    // vfs needs nothing of the kernel, and cgroupfs no systemd. runc is what works as root in a sandbox; without root podman chooses.
    private IEnumerable<string> Common() =>
    [
        "--root", _folder.PathOf("store"), "--runroot", _folder.PathOf("run"), "--tmpdir", _folder.PathOf("tmp"), "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none",
        .. Environment.IsPrivilegedProcess ? (string[])["--runtime", "runc"] : [],
    ];
}
