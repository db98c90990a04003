using Hokusai.Contracts.Keys;

namespace Hokusai.Tests.Contracts.Keys;

public sealed class ScopesTests
{
    [Theory]
    [InlineData("mlflow:read", Scopes.Read, true)]
    [InlineData("mlflow:read", Scopes.Write, false)]
    [InlineData("mlflow:write", Scopes.Read, false)]
    [InlineData("mlflow:write", Scopes.ModelWrite, false)]
    [InlineData("model:write", Scopes.Write, false)]
    [InlineData("mlflow:read,model:write", Scopes.ModelWrite, true)]
    [InlineData("model:write", Scopes.Admin, false)]
    [InlineData("MLFLOW:READ", Scopes.Read, false)]
    [InlineData("", Scopes.Read, false)]
    public void Allow_HeldScopes_AnswerForTheNeededOneOnly(string held, string needed, bool expected) =>
        Assert.Equal(expected, Scopes.Allow(held.Split(','), needed));

    [Fact]
    public void Allow_Admin_HoldsAllOthers() => Assert.All(Scopes.All, needed => Assert.True(Scopes.Allow([Scopes.Admin], needed)));

    [Fact]
    public void All_Scopes_AreThoseOfTheDesign() => Assert.Equal(["mlflow:read", "mlflow:write", "model:write", "admin"], Scopes.All);
}
