using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking.Protocol;

public sealed class ClientVersionTests
{
    [Theory]
    [InlineData("mlflow-python-client/2.9.2", 2)]
    [InlineData("mlflow-python-client/3.4.1", 3)]
    [InlineData("mlflow-python-client/3.0.0rc1", 3)]
    [InlineData("mlflow-python-client/12.0", 12)]
    [InlineData("mlflow-python-client/2", null)]
    [InlineData("mlflow-python-client/x.1", null)]
    [InlineData("mlflow-python-client/.1", null)]
    [InlineData("mlflow-python-client/-2.1", null)]
    [InlineData("mlflow-java-client/2.9.2", null)]
    [InlineData("x mlflow-python-client/2.9.2", null)]
    [InlineData("curl/8.0", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Major_UserAgent_IsTheClientsVersion(string? userAgent, int? expected) => Assert.Equal(expected, ClientVersion.Major(userAgent));
}
