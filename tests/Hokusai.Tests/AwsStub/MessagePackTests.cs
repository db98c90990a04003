using Hokusai.AwsStub.Values;

namespace Hokusai.Tests.AwsStub;

/// <summary>The values that Terraform and its providers exchange.</summary>
public sealed class MessagePackTests
{
    /// <summary>Bytes in hexadecimal digits, and what they mean.</summary>
    public static TheoryData<string, object?> Codes => new()
    {
        { "c0", null },
        { "c2", false },
        { "c3", true },
        { "07", 7L },
        { "ff", -1L },
        { "ccff", 255L },
        { "cdea60", 60_000L },
        { "ce00010000", 65_536L },
        { "cf0000000100000000", 4_294_967_296L },
        { "d080", -128L },
        { "d1ff00", -256L },
        { "d2fffeffff", -65_537L },
        { "d3ffffffffffffffff", -1L },
        { "ca3f800000", 1.0 },
        { "cb3ff8000000000000", 1.5 },
        { "a2c3a4", "ä" },
        { "a26869", "hi" },
        { "d9026869", "hi" },
        { "da00026869", "hi" },
        { "db000000026869", "hi" },
        // A number that fits no integer comes as its digits.
        { "cfffffffffffffffff", "18446744073709551615" },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void Read_EachCode_GivesItsValue(string bytes, object? value) => Assert.Equal(value, MessagePackReader.Read(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData("d40000")]
    [InlineData("d4000a")]
    // Terraform's refined unknown: code 12, with what is known about it in the body.
    [InlineData("c7020c8001")]
    [InlineData("c800010c80")]
    public void Read_Unknown_IsTheOne(string bytes) => Assert.Same(Unknown.Value, MessagePackReader.Read(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData("", "ends 1 bytes early")]
    [InlineData("a3", "ends 3 bytes early")]
    [InlineData("dbffffffff", "early")]
    [InlineData("92c0", "ends 1 bytes early")]
    [InlineData("c0c0", "1 bytes follow")]
    [InlineData("c1", "has no meaning")]
    [InlineData("d40500", "extension 5 has no meaning")]
    [InlineData("8101c0", "text as its keys")]
    public void Read_Damaged_IsRefused(string bytes, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => MessagePackReader.Read(Convert.FromHexString(bytes))).Message, StringComparison.Ordinal);

    [Fact]
    public void Write_Nested_IsReadBackAsItWas()
    {
        var value = new Dictionary<string, object?>
        {
            ["nothing"] = null,
            ["flag"] = true,
            ["number"] = long.MinValue,
            ["fraction"] = 0.1,
            ["text"] = new string('ä', 70_000),
            ["unknown"] = Unknown.Value,
            ["list"] = new List<object?> { 1L, "two", new List<object?>() },
            ["block"] = new Dictionary<string, object?> { ["inner"] = false },
        };
        Assert.Equal(value, MessagePackReader.Read(MessagePackWriter.Write(value)));
    }

    [Fact]
    public void Unknown_Deep_IsFound()
    {
        Assert.True(Unknown.In(new List<object?> { new Dictionary<string, object?> { ["a"] = Unknown.Value } }));
        Assert.False(Unknown.In(new List<object?> { new Dictionary<string, object?> { ["a"] = null } }));
    }
}
