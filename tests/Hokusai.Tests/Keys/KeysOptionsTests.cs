using Hokusai.Keys;

namespace Hokusai.Tests.Keys;

public sealed class KeysOptionsTests
{
    [Fact]
    public void Faults_Default_AreNone() => Assert.Empty(new KeysOptions().Faults());

    [Fact]
    public void Faults_ManyWrongSettings_AreToldAtOnceWithoutThePassword()
    {
        var faults = new KeysOptions { StoreUri = "mysql://user:sesame@host/db", PepperFile = " ", Services = [] }.Faults();
        string[] openings = ["keys storeUri 'host/db': only sqlite:///FILE", "keys pepperFile: is empty; name a file", "keys services: none named"];
        Assert.Equal(openings.Length, faults.Count);
        Assert.All(faults, (fault, i) => Assert.StartsWith(openings[i], fault, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.DoesNotContain("sesame", fault, StringComparison.Ordinal));
    }
}
