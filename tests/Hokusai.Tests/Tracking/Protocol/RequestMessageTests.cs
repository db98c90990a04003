using System.Text;
using System.Text.Json;
using Hokusai.Contracts.Routing;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking.Protocol;

public sealed class RequestMessageTests
{
    private const string Help = " See the API docs for more information about request parameters.";

    private static readonly (int Number, string Name)[] Views = [(1, "ACTIVE_ONLY"), (2, "DELETED_ONLY"), (3, "ALL")];

    [Theory]
    [InlineData("""{"run_id": "r"}""", "r")]
    [InlineData("""{"runId": "r"}""", "r")]
    [InlineData("""{"run_id": "s", "runId": "c"}""", "s")]
    [InlineData("""{"run_id": "first", "run_id": "last"}""", "last")]
    [InlineData("""{"run_id": ""}""", "")]
    [InlineData("""{"run_id": null}""", null)]
    [InlineData("""{"run_id": null, "runId": "c"}""", null)]
    [InlineData("""{"other": 1}""", null)]
    [InlineData("{}", null)]
    public void Text_Field_IsReadUnderBothNames(string json, string? expected) => Assert.Equal(expected, Body(json).Text("run_id"));

    [Fact]
    public void Text_NumberOfAnExperiment_IsItsText()
    {
        Assert.Equal("12", Body("""{"experiment_id": 12}""").Text("experiment_id"));
        Assert.Equal(["1", "2"], Body("""{"experiment_ids": [1, "2"]}""").Texts("experiment_ids"));
    }

    [Theory]
    [InlineData("""{"name": 123}""", "name", "Invalid value 123 for parameter 'name' supplied:  Hint: Value was of type 'int'.")]
    [InlineData("""{"run_id": 31}""", "run_id", "Invalid value 31 for parameter 'run_id' supplied:  Hint: Value was of type 'int'.")]
    [InlineData("""{"artifact_location": 9.0}""", "artifact_location", "Invalid value 9.0 for parameter 'artifact_location' supplied:  Hint: Value was of type 'float'.")]
    [InlineData("""{"name": true}""", "name", "Invalid value true for parameter 'name' supplied:  Hint: Value was of type 'bool'.")]
    [InlineData("""{"name": ["a", 1]}""", "name", "Invalid value [\"a\",1] for parameter 'name' supplied:  Hint: Value was of type 'list'.")]
    [InlineData("""{"name": {"a": 'é'}}""", "name", "Invalid value {\"a\":\"é\"} for parameter 'name' supplied:  Hint: Value was of type 'dict'.")]
    public void Text_WrongType_IsToldInMlflowsWords(string json, string field, string expected) =>
        Assert.Equal(expected + Help, Refusal.Of(() => Body(json.Replace('\'', '"')).Text(field)));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name": ""}""")]
    [InlineData("""{"name": null}""")]
    public void RequiredText_MissingOrEmpty_IsToldInMlflowsWords(string json) =>
        Assert.Equal("Missing value for required parameter 'name'." + Help, Refusal.Of(() => Body(json).RequiredText("name")));

    [Theory]
    [InlineData("5", 5L)]
    [InlineData("-5", -5L)]
    [InlineData("\"5\"", 5L)]
    [InlineData("\"-5\"", -5L)]
    [InlineData("5.0", 5L)]
    [InlineData("1.7e12", 1_700_000_000_000L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("\"-9223372036854775808\"", long.MinValue)]
    [InlineData("null", null)]
    public void Int64_Number_IsReadAsNumberOrText(string value, long? expected) => Assert.Equal(expected, Body($$"""{"step": {{value}}}""").Int64("step"));

    [Theory]
    [InlineData("5.5", "5.5", "float")]
    [InlineData("9223372036854775808", "9223372036854775808", "float")]
    [InlineData("1e400", "1e400", "float")]
    [InlineData("\"x\"", "\"x\"", "str")]
    [InlineData("\"\"", "\"\"", "str")]
    [InlineData("\"1,000\"", "\"1,000\"", "str")]
    [InlineData("\" 5\"", "\" 5\"", "str")]
    [InlineData("true", "true", "bool")]
    [InlineData("[]", "[]", "list")]
    [InlineData("{}", "{}", "dict")]
    public void Int64_AnythingElse_IsRefused(string value, string shown, string type) => Assert.Equal(
        $"Invalid value {shown} for parameter 'step' supplied:  Hint: Value was of type '{type}'.{Help}", Refusal.Of(() => Body($$"""{"step": {{value}}}""").Int64("step")));

    [Fact]
    public void RequiredInt64_Absent_IsMissing() => Assert.Equal("Missing value for required parameter 'timestamp'." + Help, Refusal.Of(() => Body("{}").RequiredInt64("timestamp")));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("-1.5e3", -1500)]
    [InlineData("\"2.5\"", 2.5)]
    [InlineData("\"NaN\"", double.NaN)]
    [InlineData("\"Infinity\"", double.PositiveInfinity)]
    [InlineData("\"-Infinity\"", double.NegativeInfinity)]
    public void RequiredNumber_Number_IsReadAsNumberOrText(string value, double expected) => Assert.Equal(expected, Body($$"""{"value": {{value}}}""").RequiredNumber("value"));

    [Theory]
    [InlineData("true")]
    [InlineData("\"x\"")]
    [InlineData("\"\"")]
    [InlineData("\"1e999\"")]
    [InlineData("[1]")]
    public void RequiredNumber_AnythingElse_IsRefused(string value) =>
        Assert.StartsWith($"Invalid value {value} for parameter 'value' supplied:", Refusal.Of(() => Body($$"""{"value": {{value}}}""").RequiredNumber("value")), StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"value": null}""")]
    public void RequiredNumber_Absent_IsMissing(string json) => Assert.StartsWith("Missing value for required parameter 'value'.", Refusal.Of(() => Body(json).RequiredNumber("value")), StringComparison.Ordinal);

    [Fact]
    public void Bool_Json_IsTrueFalseOrRefused()
    {
        Assert.True(Body("""{"flag": true}""").Bool("flag"));
        Assert.False(Body("""{"flag": false}""").Bool("flag"));
        Assert.Null(Body("{}").Bool("flag"));
        Assert.StartsWith("Invalid value \"true\" for parameter 'flag'", Refusal.Of(() => Body("""{"flag": "true"}""").Bool("flag")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"DELETED_ONLY\"", "DELETED_ONLY")]
    [InlineData("2", "DELETED_ONLY")]
    [InlineData("\"deleted_only\"", null)]
    [InlineData("9", null)]
    [InlineData("null", null)]
    public void Enum_Value_IsANameOrANumber(string value, string? expected) => Assert.Equal(expected, Body($$"""{"view": {{value}}}""").Enum("view", Views));

    [Fact]
    public void Enum_WrongType_IsRefused() => Assert.StartsWith("Invalid value [1] for parameter 'view'", Refusal.Of(() => Body("""{"view": [1]}""").Enum("view", Views)), StringComparison.Ordinal);

    [Fact]
    public void Texts_List_IsReadInOrder()
    {
        Assert.Equal(["b", "a", ""], Body("""{"order_by": ["b", "a", ""]}""").Texts("order_by"));
        Assert.Equal(["b"], Body("""{"orderBy": ["b"]}""").Texts("order_by"));
        Assert.Empty(Body("""{"order_by": null}""").Texts("order_by"));
        Assert.Empty(Body("{}").Texts("order_by"));
    }

    [Theory]
    [InlineData("\"a\"", "\"a\"", "str")]
    [InlineData("[\"a\",5]", "[\"a\",5]", "list")]
    [InlineData("[null]", "[null]", "list")]
    public void Texts_AnythingElse_IsRefused(string value, string shown, string type) => Assert.Equal(
        $"Invalid value {shown} for parameter 'order_by' supplied:  Hint: Value was of type '{type}'.{Help}", Refusal.Of(() => Body($$"""{"order_by": {{value}}}""").Texts("order_by")));

    [Theory]
    [InlineData("\"foo\"", "\"foo\"", "str")]
    [InlineData("5", "5", "int")]
    [InlineData("[\"a\"]", "[\"a\"]", "list")]
    [InlineData("{}", "{}", "dict")]
    public void Messages_AnythingButObjects_IsRefused(string value, string shown, string type) => Assert.Equal(
        $"Invalid value {shown} for parameter 'metrics' supplied:  Hint: Value was of type '{type}'.{Help}", Refusal.Of(() => Body($$"""{"metrics": {{value}}}""").Messages("metrics")));

    [Fact]
    public void Messages_FaultInOne_NamesItsPlace()
    {
        var message = Body("""{"metrics": [{"timestamp": 1}, {"key": "a", "tags": [{"key": 7}], "dataset": {"digest": false}}]}""");
        var metrics = message.Messages("metrics");
        Assert.Equal(2, metrics.Count);
        Assert.Equal(1, metrics[0].RequiredInt64("timestamp"));
        Assert.Equal("Missing value for required parameter 'metrics[1].timestamp'." + Help, Refusal.Of(() => metrics[1].RequiredInt64("timestamp")));
        Assert.StartsWith("Missing value for required parameter 'metrics[1].run_id'.", Refusal.Of(() => metrics[1].RequiredRunId()), StringComparison.Ordinal);
        Assert.StartsWith("Invalid value 7 for parameter 'metrics[1].tags[0].key'", Refusal.Of(() => metrics[1].Pairs("tags")), StringComparison.Ordinal);
        Assert.StartsWith("Invalid value false for parameter 'metrics[1].dataset.digest'", Refusal.Of(() => metrics[1].Message("dataset")!.Text("digest")), StringComparison.Ordinal);
    }

    [Fact]
    public void Message_Object_IsReadOrRefused()
    {
        Assert.Equal("n", Body("""{"dataset": {"name": "n"}}""").Message("dataset")!.Text("name"));
        Assert.Null(Body("""{"dataset": null}""").Message("dataset"));
        Assert.StartsWith("Invalid value [] for parameter 'dataset'", Refusal.Of(() => Body("""{"dataset": []}""").Message("dataset")), StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_Tags_NeedAKeyAndMayLackTheValue()
    {
        Assert.Equal([new KeyValue("a", "1"), new KeyValue("b", "")], Body("""{"tags": [{"key": "a", "value": "1"}, {"key": "b"}]}""").Pairs("tags"));
        Assert.StartsWith("Missing value for required parameter 'tags[0].key'.", Refusal.Of(() => Body("""{"tags": [{"value": "1"}]}""").Pairs("tags")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"run_id": "a", "run_uuid": "b"}""", "a")]
    [InlineData("""{"run_id": "", "run_uuid": "b"}""", "b")]
    [InlineData("""{"run_uuid": "b"}""", "b")]
    public void RequiredRunId_EitherName_IsTaken(string json, string expected) => Assert.Equal(expected, Body(json).RequiredRunId());

    [Fact]
    public void RequiredRunId_Neither_IsMissing() => Assert.StartsWith("Missing value for required parameter 'run_id'.", Refusal.Of(() => Body("{}").RequiredRunId()), StringComparison.Ordinal);

    [Fact]
    public void Has_Field_IsThereUnlessNull()
    {
        var message = Body("""{"a": false, "b_c": null, "dE": 1}""");
        Assert.Equal([true, false, true, false], new[] { "a", "b_c", "d_e", "f" }.Select(message.Has));
        Assert.True(Query("?a=").Has("a"));
        Assert.False(Query("?a=").Has("b"));
    }

    [Fact]
    public void Text_NoBody_HasNoFields()
    {
        Assert.Null(new RequestMessage(default(JsonElement)).Text("a"));
        Assert.Null(Body("[1]").Text("a"));
    }

    // Python sends a file name with bytes that are no UTF-8 as lone surrogates; that is no fault of the server.
    [Theory]
    [InlineData("""{"name": "\ud800"}""")]
    [InlineData("""{"name": "a\udc80b"}""")]
    public void Text_LoneSurrogate_IsAMistakeOfTheClient(string json)
    {
        Refusal.Of(() => Body(json).Text("name"));
        Refusal.Of(() => Body(json).Int64("name"));
        Refusal.Of(() => Body(json).RequiredNumber("name"));
        Refusal.Of(() => Body(json).Bool("name"));
        Refusal.Of(() => Body(json.Replace("{\"name\": ", "{\"name\": [", StringComparison.Ordinal).Replace("}", "]}", StringComparison.Ordinal)).Texts("name"));
        Refusal.Of(() => Body(json).Messages("name"));
        Refusal.Of(() => Body(json).Enum("name", Views));
    }

    [Fact]
    public void Text_NameWithALoneSurrogate_IsAMistakeOfTheClient() => Refusal.Of(() => Body("""{"\ud800\u0061": 1}""").Text("run_id"));

    [Fact]
    public void Text_EscapedName_IsRead() => Assert.Equal("r", Body("""{"r\u0075n_id": "r"}""").Text("run_id"));

    [Fact]
    public void Text_BytesThatAreNoUtf8_AreAMistakeOfTheClient()
    {
        using var document = JsonDocument.Parse((byte[])[.. "{\"name\": \"a"u8, 0xff, .. "\"}"u8]);
        Refusal.Of(() => new RequestMessage(document.RootElement.Clone()).Text("name"));
    }

    [Theory]
    [InlineData("?run_id=a%20b+c%2B&run_id=second", "a b c+")]
    [InlineData("run_id=x", "x")]
    [InlineData("?run_id=", "")]
    [InlineData("?run_id", "")]
    [InlineData("?a=1&&run_id=%C3%BC", "ü")]
    [InlineData("?run%5Fid=x", "x")]
    [InlineData("?run_id=a=b?c", "a=b?c")]
    [InlineData("?Run_id=x", null)]
    [InlineData("?", null)]
    public void Text_Query_IsDecodedOnceAndTheFirstCounts(string query, string? expected) => Assert.Equal(expected, Query(query).Text("run_id"));

    [Fact]
    public void Texts_Query_CollectsRepeatedKeys()
    {
        Assert.Equal(["a", "b", "a"], Query("?run_id=a&x=1&run_id=b&run_id=a").Texts("run_id"));
        Assert.Empty(Query("?x=1").Texts("run_id"));
    }

    [Theory]
    [InlineData("?n=5", 5L)]
    [InlineData("?n=-5", -5L)]
    [InlineData("?n=", null)]
    [InlineData("?m=5", null)]
    public void Int64_Query_IsRead(string query, long? expected) => Assert.Equal(expected, Query(query).Int64("n"));

    [Fact]
    public void Int64_QueryText_IsRefused() =>
        Assert.Equal("Invalid value \"five\" for parameter 'n' supplied:  Hint: Value was of type 'str'." + Help, Refusal.Of(() => Query("?n=five").Int64("n")));

    [Theory]
    [InlineData("?flag=True", true)]
    [InlineData("?flag=true", true)]
    [InlineData("?flag=FALSE", false)]
    [InlineData("?flag=", null)]
    [InlineData("?x=1", null)]
    public void Bool_Query_IsReadInAnyCase(string query, bool? expected) => Assert.Equal(expected, Query(query).Bool("flag"));

    [Fact]
    public void Bool_QueryNumber_IsRefused() => Assert.Equal("Invalid boolean value: 1, must be 'true' or 'false'.", Refusal.Of(() => Query("?flag=1").Bool("flag")));

    [Fact]
    public void Enum_Query_IsANameOrANumber()
    {
        Assert.Equal("ALL", Query("?view=ALL").Enum("view", Views));
        Assert.Equal("ALL", Query("?view=3").Enum("view", Views));
        Assert.Null(Query("?view=x").Enum("view", Views));
    }

    [Fact]
    public void Messages_Query_HasNone()
    {
        Assert.Empty(Query("?metrics=a").Messages("metrics"));
        Assert.Null(Query("?dataset=a").Message("dataset"));
    }

    private static RequestMessage Body(string json)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json));
        return new RequestMessage(document.RootElement.Clone());
    }

    private static RequestMessage Query(string query) => new(new QueryFields(query));
}
