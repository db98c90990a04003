using System.Text.Json;

namespace Hokusai.SystemTests.Conformance;

public sealed class JsonDifferenceTests
{
    private readonly Placeholders _names = new();

    [Theory]
    [InlineData("""{"a": 1, "b": [true, null, "x"]}""", """{"b": [true, null, "x"], "a": 1.0}""")]
    [InlineData("1", "1.0")]
    [InlineData("1e3", "1000")]
    [InlineData("-0.0", "0")]
    [InlineData("1.7976931348623157e+308", "1.7976931348623157E308")]
    [InlineData("[]", "[]")]
    [InlineData("""[{"key": "b", "value": 1}, {"key": "a", "value": "2"}]""", """[{"key": "a", "value": "2"}, {"key": "b", "value": 1.0}]""")]
    [InlineData("""[{"key": "a", "step": 2, "value": 5}, {"key": "a", "step": 1, "value": 6}]""", """[{"key": "a", "step": 1.0, "value": 6}, {"key": "a", "step": 2, "value": 5}]""")]
    [InlineData("\"<<any>>\"", "null")]
    [InlineData("\"<<any>>\"", "{\"a\": [1]}")]
    [InlineData("\"<<int>>\"", "1700000000000")]
    [InlineData("\"<<text>>\"", "\"x\"")]
    [InlineData("\"<<run_name>>\"", "\"bold-crane-17\"")]
    public void Find_SameMeaning_IsNull(string wanted, string got) => Assert.Null(Find(wanted, got));

    [Theory]
    [InlineData("""{"a": 1}""", "[1]", "$: expected an object, got [1]")]
    [InlineData("""{"a": {"b": 1}}""", """{"a": {}}""", "$.a.b: missing")]
    [InlineData("""{"a": 1}""", """{"a": 1, "b": 2, "c": 3}""", "$: has b, c besides")]
    [InlineData("""{"a": [1, 2]}""", """{"a": [1, 3]}""", "$.a[1]: expected 2, got 3")]
    [InlineData("[1, 2]", "[2, 1]", "$[0]: expected 1, got 2")]
    [InlineData("[1, 2]", "[1]", "$: expected 2 items, got [1]")]
    [InlineData("[]", "{}", "$: expected 0 items, got {}")]
    [InlineData("""[{"name": "b"}, {"name": "a"}]""", """[{"name": "a"}, {"name": "b"}]""", "$[0].name: expected b, got \"a\"")]
    [InlineData("""[{"key": "a"}]""", """[{"key": "b"}]""", "$[0].key: expected a, got \"b\"")]
    [InlineData("""[{"key": "a"}]""", "[1]", "$[0]: expected an object, got 1")]
    [InlineData("1", "true", "$: expected 1, got true")]
    [InlineData("1", "\"1\"", "$: expected 1, got \"1\"")]
    [InlineData("true", "false", "$: expected true, got false")]
    [InlineData("null", "0", "$: expected null, got 0")]
    [InlineData("\"1\"", "1", "$: expected 1, got 1")]
    [InlineData("\"a\"", "\"A\"", "$: expected a, got \"A\"")]
    [InlineData("9007199254740993", "9007199254740992", "$: expected 9007199254740993, got 9007199254740992")]
    [InlineData("\"<<int>>\"", "1.0", "$: expected an integer, got 1.0")]
    [InlineData("\"<<int>>\"", "true", "$: expected an integer, got true")]
    [InlineData("\"<<text>>\"", "\"\"", "$: expected a text, got \"\"")]
    [InlineData("\"<<text>>\"", "7", "$: expected a text, got 7")]
    [InlineData("\"<<run_name>>\"", "\"Bold-crane-17\"", "$: expected a generated run name, got \"Bold-crane-17\"")]
    [InlineData("\"<<run_name>>\"", "\"bold-crane\"", "$: expected a generated run name, got \"bold-crane\"")]
    public void Find_OtherMeaning_SaysWhatAndWhere(string wanted, string got, string difference) => Assert.Equal(difference, Find(wanted, got));

    [Fact]
    public void Find_NothingAnswered_SaysSo() =>
        Assert.Equal("$: expected an object, got nothing", JsonDifference.Find(Parse("{}"), default, _names));

    [Fact]
    public void Find_Name_IsBoundWhereItIsMetFirst()
    {
        Assert.Null(Find("""{"a": "${id}", "b": "x/${id}/y"}""", """{"a": "17", "b": "x/17/y"}"""));
        Assert.Equal("$: expected 17, got \"18\"", Find("\"${id}\"", "\"18\""));
        Assert.Equal("run 17", _names.Fill("run ${id}"));
    }

    [Theory]
    [InlineData("mlflow-artifacts:/0/${run}/artifacts/${path}", "mlflow-artifacts:/0/17/artifacts/a/b", null)]
    [InlineData("${run}-${run}", "17-17", null)]
    [InlineData("${run}-${run}", "17-18", "$: expected ${run}-${run}, got \"17-18\"")]
    [InlineData("a.${run}", "ab17", "$: expected a.${run}, got \"ab17\"")]
    [InlineData("${run}", "", "$: expected ${run}, got \"\"")]
    [InlineData("$5 {x} ${run}", "$5 {x} 17", null)]
    public void Find_FreshNamesInAText_MatchWhatStandsBetween(string wanted, string got, string? difference) =>
        Assert.Equal(difference, Find(JsonSerializer.Serialize(wanted), JsonSerializer.Serialize(got)));

    [Fact]
    public void Find_NameThatMeetsANumber_IsADifference() => Assert.Equal("$: expected ${id}, got 17", Find("\"${id}\"", "17"));

    [Fact]
    public void Fill_UnknownName_IsLeft() => Assert.Equal("${id}", _names.Fill("${id}"));

    private string? Find(string wanted, string got) => JsonDifference.Find(Parse(wanted), Parse(got), _names);

    private static JsonElement Parse(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
