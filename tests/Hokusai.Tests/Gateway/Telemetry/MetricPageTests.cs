namespace Hokusai.Tests.Gateway.Telemetry;

public sealed class MetricPageTests
{
    [Fact]
    public void Page_InDocs_IsThatOfTheList()
    {
        var page = Path.Combine(Root(), "docs", "metrics.md");
        if (Environment.GetEnvironmentVariable("HOKUSAI_WRITE_DOCS") == "1") File.WriteAllText(page, MetricPage.Text());
        Assert.Equal(MetricPage.Text(), File.ReadAllText(page));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Hokusai.slnx"))) folder = folder.Parent ?? throw new InvalidOperationException("the repository's root is not above the tests");
        return folder.FullName;
    }
}
