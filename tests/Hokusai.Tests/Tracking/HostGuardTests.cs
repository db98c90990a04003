using Hokusai.Tracking;

namespace Hokusai.Tests.Tracking;

public sealed class HostGuardTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5000")]
    [InlineData("127.0.0.1:5000")]
    [InlineData("127.1.2.3")]
    [InlineData("0.0.0.0:5000")]
    [InlineData("[::1]")]
    [InlineData("[::1]:5000")]
    [InlineData("10.0.0.7:5000")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("[fd12::1]:80")]
    public void AllowsHost_Default_TakesThisMachineAndPrivateAddresses(string host) => Assert.True(new HostGuard([]).AllowsHost(host));

    [Theory]
    [InlineData("10.evil.example")]
    [InlineData("192.168.evil.example:5000")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("evil.example")]
    [InlineData("mlflow:5000")]
    [InlineData("11.0.0.1")]
    [InlineData("172.15.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("192.169.0.1")]
    [InlineData("8.8.8.8")]
    [InlineData("169.254.169.254")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[::1")]
    [InlineData("[::1]evil.example")]
    [InlineData("[localhost]")]
    [InlineData("::1")]
    [InlineData("")]
    [InlineData(":5000")]
    [InlineData(" localhost")]
    public void AllowsHost_Default_RefusesNamesThatOnlyLookPrivate(string host) => Assert.False(new HostGuard([]).AllowsHost(host));

    [Theory]
    [InlineData("mlflow.example:5000", "mlflow.example:5000", true)]
    [InlineData("mlflow.example:5000", "MLFLOW.example:5000", true)]
    [InlineData("mlflow.example:5000", "mlflow.example", false)]
    [InlineData("mlflow.example", "mlflow.example:5000", false)]
    [InlineData("mlflow.example", "localhost", false)]
    [InlineData("*.example", "a.b.example", true)]
    [InlineData("*.example", "a.example:80", false)]
    [InlineData("mlflow:*", "mlflow:5000", true)]
    [InlineData("mlflow:*", "xmlflow:5000", false)]
    [InlineData("*", "anything:1", true)]
    public void AllowsHost_List_ReplacesTheDefault(string allowed, string host, bool expected) => Assert.Equal(expected, new HostGuard(["other.example", allowed]).AllowsHost(host));

    [Theory]
    [InlineData("http://mlflow:5000", "mlflow:5000", true)]
    [InlineData("https://MLFLOW.example", "mlflow.example", true)]
    [InlineData("http://localhost:3000", "mlflow:5000", true)]
    [InlineData("http://127.0.0.1", "mlflow:5000", true)]
    [InlineData("http://[::1]:3000", "mlflow:5000", true)]
    [InlineData("http://mlflow:5001", "mlflow:5000", false)]
    [InlineData("http://evil.example", "mlflow:5000", false)]
    [InlineData("http://localhost.evil.example", "mlflow:5000", false)]
    [InlineData("http://evil.example/http://localhost", "mlflow:5000", false)]
    [InlineData("null", "mlflow:5000", false)]
    [InlineData("mlflow:5000", "mlflow:5000", false)]
    [InlineData("http://user@evil.example", "evil.example:1", false)]
    public void AllowsOrigin_Page_MustBeTheServersOwnOrOfThisMachine(string origin, string host, bool expected) => Assert.Equal(expected, HostGuard.AllowsOrigin(origin, host));
}
