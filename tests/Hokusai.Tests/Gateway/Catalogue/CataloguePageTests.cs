using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Gateway.Catalogue;

public sealed class CataloguePageTests
{
    [Fact]
    public void Page_InDocs_IsThatOfTheCatalogue()
    {
        var page = Path.Combine(Repository.Root, CataloguePage.Path);
        if (Environment.GetEnvironmentVariable("HOKUSAI_WRITE_DOCS") == "1") File.WriteAllText(page, CataloguePage.Text());
        Assert.Equal(CataloguePage.Text(), File.ReadAllText(page));
    }
}
