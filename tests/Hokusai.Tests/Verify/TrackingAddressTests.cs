using Hokusai.Verify;

namespace Hokusai.Tests.Verify;

public sealed class TrackingAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080/api/mlflow")]
    [InlineData("https://mlflow.example.com")]
    public void IsValid_HttpUrl_IsTaken(string url) => Assert.True(TrackingAddress.IsValid(url, out _));

    [Theory]
    [InlineData("127.0.0.1:8080", "http://")]
    [InlineData("sqlite:///mlflow.db", "http://")]
    [InlineData("", "http://")]
    [InlineData("http://user:pass@host", "user name")]
    [InlineData("http://host/?a=b", "query")]
    public void IsValid_OtherText_SaysWhyWithoutRepeatingIt(string url, string reason)
    {
        Assert.False(TrackingAddress.IsValid(url, out var fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("pass@", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "some-key", "needs --url")]
    [InlineData("http://host", "", "the key is empty")]
    [InlineData("http://host", "two words", "holds blanks")]
    [InlineData("http://host", "good", null)]
    [InlineData(null, null, null)]
    public void Fault_Flags_AreCheckedTogether(string? url, string? key, string? reason)
    {
        var fault = new VerifyFlags(url, key, Json: false).Fault(key);
        if (reason is null) Assert.Null(fault);
        else Assert.Contains(reason, fault, StringComparison.Ordinal);
    }
}
