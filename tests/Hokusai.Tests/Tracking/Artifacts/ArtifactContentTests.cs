using Hokusai.Tracking.Artifacts;

namespace Hokusai.Tests.Tracking.Artifacts;

public sealed class ArtifactContentTests
{
    [Theory]
    [InlineData("MLmodel", "text/plain")]
    [InlineData("MLproject", "text/plain")]
    [InlineData("conda.yaml", "text/plain")]
    [InlineData("metrics.JSON", "text/plain")]
    [InlineData("train.py", "text/plain")]
    [InlineData("script.js", "text/plain")]
    [InlineData("data.csv", "text/plain")]
    [InlineData("README.md", "text/plain")]
    [InlineData("data.xml", "text/plain")]
    [InlineData("requirements.txt", "text/plain")]
    [InlineData("a.tar.log", "text/plain")]
    [InlineData("plot.png", "image/png")]
    [InlineData("photo.jpeg", "image/jpeg")]
    [InlineData("report.html", "text/html")]
    [InlineData("paper.pdf", "application/pdf")]
    [InlineData("model.pkl", "application/octet-stream")]
    [InlineData("model.json.pkl", "application/octet-stream")]
    [InlineData("weights", "application/octet-stream")]
    [InlineData("name.", "application/octet-stream")]
    public void TypeOf_Name_IsWhatMlflowAnswers(string name, string expected) => Assert.Equal(expected, ArtifactContent.TypeOf(name));
}
