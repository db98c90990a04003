using System.Net;
using System.Text.Json;

namespace Hokusai.Routes.Sources;

/// <summary>Reads files whatever their form is, which their content tells.</summary>
internal static class SourceFile
{
    private const string Forms = "a routes file, 'terraform show -json' of a state, or what 'aws elbv2 describe-rules', describe-target-groups, describe-target-health, describe-target-group-attributes and describe-listeners print";

    /// <summary>Reads one file or, if they are answers of the AWS CLI, several.</summary>
    /// <param name="files">Paths, each as <c>GROUP=PATH</c> where the file is about one target group and its name does not say which.</param>
    /// <param name="directAccess">Networks for the rules of a routes file that need some.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandFailure">A file can't be read or has none of the forms.</exception>
    public static async Task<RoutingSource> ReadAsync(IReadOnlyList<string> files, IReadOnlyList<IPNetwork> directAccess, CancellationToken cancellation)
    {
        var reader = new DescribeReader();
        foreach (var file in files)
        {
            var (label, path) = file.Split('=', 2) is [var group, var rest] && !File.Exists(file) ? (group, rest) : (file, file);
            var text = await TextAsync(path, cancellation);
            using var document = Parse(path, text);
            var root = document.RootElement.Clone();
            if (!DescribeReader.Reads(root))
            {
                if (files.Count > 1) throw CommandFailure.Usage($"{path}: is no output of the AWS CLI; several files can be read only of those, one of {Forms}");
                return Other(path, text, root, directAccess);
            }
            Guard(path, () => reader.Add(label, root));
        }
        return Guard(files[0], reader.Build);
    }

    /// <summary>The text of a file.</summary>
    /// <exception cref="CommandFailure">It can't be read.</exception>
    public static async Task<string> TextAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandFailure.Usage($"{path}: {e.Message}");
        }
    }

    private static RoutingSource Other(string path, string text, JsonElement root, IReadOnlyList<IPNetwork> directAccess)
    {
        if (root.ValueKind == JsonValueKind.Object && (root.TryGetProperty("rules", out _) || root.TryGetProperty("targets", out _))) return RoutesFile.Read(path, text, directAccess);
        if (TerraformState.Is(root)) return Guard(path, () => StateSource.Read(text));
        throw CommandFailure.Usage($"{path}: has no form that is known; give {Forms}");
    }

    private static JsonDocument Parse(string path, string text)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        }
        catch (JsonException e)
        {
            throw CommandFailure.Usage($"{path}: is no JSON: {e.Message}; the AWS CLI writes it with --output json");
        }
    }

    private static void Guard(string path, Action read) => Guard(path, () =>
    {
        read();
        return 0;
    });

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw CommandFailure.Usage($"{path}: {e.Message}");
        }
    }
}
