using System.Text.Json.Nodes;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking.Protocol;

/// <summary>The expected texts are what Python 3's <c>json.dumps</c> gives.</summary>
public sealed class PythonJsonTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    [InlineData("null", "null")]
    [InlineData("""{"a":1,"b":[1,2.5,-3],"c":{"d":true,"e":null}}""", """{"a": 1, "b": [1, 2.5, -3], "c": {"d": true, "e": null}}""")]
    [InlineData("[1.0,1e3]", "[1.0, 1e3]")]
    [InlineData("""["it's <b> & a+b/c"]""", """["it's <b> & a+b/c"]""")]
    [InlineData("""{"sig\"nature":"[{\"type\": \"double\"}]"}""", """{"sig\"nature": "[{\"type\": \"double\"}]"}""")]
    [InlineData("""["a\\b\n\r\t\b\f\u0001\u007f"]""", """["a\\b\n\r\t\b\f\u0001\u007f"]""")]
    [InlineData("""["ü 😀"]""", """["\u00fc \ud83d\ude00"]""")]
    public void Write_Node_IsSpacedAndEscapedAsByPython(string json, string expected) => Assert.Equal(expected, PythonJson.Write(JsonNode.Parse(json)));

    // Python writes a file name with bytes that are no UTF-8 in this way.
    [Theory]
    [InlineData("""["a\udc80"]""")]
    [InlineData("""["\ud800", 1]""")]
    public void Write_LoneSurrogate_StaysAsItWasWritten(string json) => Assert.Equal(json, PythonJson.Write(JsonNode.Parse(json)));

    [Fact]
    public void Write_NewNodes_AreWrittenLikeReadOnes() =>
        Assert.Equal("""[{"name": "it's", "version": 3}]""", PythonJson.Write(new JsonArray(new JsonObject { ["name"] = "it's", ["version"] = 3L })));
}
