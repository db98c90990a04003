using System.Buffers;
using System.Text;
using System.Text.Json;
using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking.Protocol;

public sealed class JsonWritingTests
{
    [Theory]
    [InlineData(1, "1.0")]
    [InlineData(0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(-3, "-3.0")]
    [InlineData(0.1, "0.1")]
    [InlineData(123456789012345, "123456789012345.0")]
    [InlineData(1e21, "1E+21")]
    [InlineData(1.5e-10, "1.5E-10")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    [InlineData(double.MinValue, "-1.7976931348623157E+308")]
    [InlineData(double.Epsilon, "5E-324")]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.PositiveInfinity, "\"Infinity\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    public void WriteDouble_Number_IsOneThatPythonReadsAsAFloat(double value, string expected)
    {
        var text = Write(json => json.WriteDouble("v", value));
        Assert.Equal($$"""{"v":{{expected}}}""", text);
        using var document = JsonDocument.Parse(text);
        if (double.IsFinite(value)) Assert.Equal(value, document.RootElement.GetProperty("v").GetDouble());
    }

    [Fact]
    public void WriteTextIfAny_NothingToSay_LeavesItOut() =>
        Assert.Equal("""{"c":"it's \"x\" <ü>"}""", Write(json =>
        {
            json.WriteTextIfAny("a", null);
            json.WriteTextIfAny("b", "");
            json.WriteTextIfAny("c", "it's \"x\" <ü>");
        }));

    [Fact]
    public void WritePairs_EmptyList_IsLeftOut() =>
        Assert.Equal("""{"tags":[{"key":"a","value":""},{"key":"b","value":"2"}]}""", Write(json =>
        {
            json.WritePairs("none", []);
            json.WritePairs("tags", [new KeyValue("a", ""), new KeyValue("b", "2")]);
        }));

    [Fact]
    public void WriteList_EmptyList_IsLeftOut() =>
        Assert.Equal("""{"some":[1,2]}""", Write(json =>
        {
            json.WriteList<int>("none", [], static (writer, item) => writer.WriteNumberValue(item));
            json.WriteList("some", [1, 2], static (writer, item) => writer.WriteNumberValue(item));
        }));

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonWriting.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
