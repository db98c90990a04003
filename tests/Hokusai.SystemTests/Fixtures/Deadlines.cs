namespace Hokusai.SystemTests.Fixtures;

/// <summary>How long tests wait at the most. A test that is well never comes near it.</summary>
internal static class Deadlines
{
    /// <summary>Of a whole test, in milliseconds, for <c>[Fact(Timeout = …)]</c>.</summary>
    public const int Test = 60_000;

    /// <summary>Of a test that runs several Terraform commands on the whole of the Terraform code: seconds by itself, more when everything else runs beside it.</summary>
    public const int TerraformTest = 300_000;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Wait, TestContext.Current.CancellationToken);

    public static Task InTime(this Task task) => task.WaitAsync(Wait, TestContext.Current.CancellationToken);
}
