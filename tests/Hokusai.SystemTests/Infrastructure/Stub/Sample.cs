using System.Text.Json;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Stub;

/// <summary>The small configuration on which the stub is tested.</summary>
internal static class Sample
{
    public static Task<TerraformRun> CopyAsync(StubbedAws aws) => TerraformRun.CopyAsync(aws, Path.Combine(AppContext.BaseDirectory, "Infrastructure", "Stub", "Sample"));

    /// <summary>Applies it.</summary>
    /// <returns>The values of each resource by its address.</returns>
    public static async Task<Dictionary<string, JsonElement>> ApplyAsync(TerraformRun run)
    {
        await run.InitAsync();
        (await run.RunAsync("apply", "-json", "-auto-approve")).AssertCode(0);
        return Resources(await run.StateAsync());
    }

    public static Dictionary<string, JsonElement> Resources(JsonElement state) => state.GetProperty("values").GetProperty("root_module").GetProperty("resources").EnumerateArray()
        .Where(resource => resource.GetProperty("mode").GetString() == "managed")
        .ToDictionary(resource => resource.GetProperty("address").GetString()!, resource => resource.GetProperty("values"), StringComparer.Ordinal);
}
