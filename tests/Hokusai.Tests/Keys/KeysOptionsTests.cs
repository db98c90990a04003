using Hokusai.Keys;

namespace Hokusai.Tests.Keys;

public sealed class KeysOptionsTests
{
    [Fact]
    public void Faults_Default_AreNone() => Assert.Empty(new KeysOptions().Faults());

    [Fact]
    public void Faults_ManyWrongSettings_AreToldAtOnceWithoutThePassword()
    {
        var faults = new KeysOptions { StoreUri = "mysql://user:sesame@host/db", PepperFile = " ", Peppers = ["1=file:a", "sesame", "1=env:B"], SecretsEndpoint = "aws", SecretsDeadline = TimeSpan.FromMinutes(2), Services = [] }.Faults();
        string[] openings = ["keys storeUri 'host/db': only sqlite:///FILE", "keys pepperFile: is empty; name a file", "keys peppers: entry 2 names no pepper", "keys peppers: the id '1' is given to 2", "keys secretsEndpoint 'aws': write http", "keys secretsDeadline '00:02:00': must be 00:00:01 to 00:01:00", "keys services: none named"];
        Assert.Equal(openings.Length, faults.Count);
        Assert.All(faults, (fault, i) => Assert.StartsWith(openings[i], fault, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.DoesNotContain("sesame", fault, StringComparison.Ordinal));
    }
}
