using Hokusai.Contracts.Keys;
using Hokusai.Keys.Administration;
using Hokusai.Keys.Store;

namespace Hokusai.Tests.Keys.Administration;

public sealed class KeyTermsRulesTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Read_NameAlone_MeansNoLimitAndNoEnd()
    {
        var (terms, faults) = KeyTermsRules.Read(new CreateKeyRequest("ci", Grants: new KeyGrants(), Quotas: new KeyQuotas()), "maker", Now);

        Assert.Empty(faults);
        Assert.Equal(("ci", "maker", null, KeyLimits.None), (terms!.Name, terms.UserId, terms.Expires, terms.Limits));
    }

    [Fact]
    public void Read_ManyFaults_AreToldAtOnce()
    {
        var request = new CreateKeyRequest(
            "", "a\nb", ["root"], 0, ExpiresAt: Now, Email: "x", Environment: new string('e', 201), RateLimitPerHour: -1,
            AllowedNetworks: ["10.0.0.0/33", "here", "fe80::1%3"], Grants: new KeyGrants([""], ["!", "m\t"]), Quotas: new KeyQuotas(0, -7));

        var (terms, faults) = KeyTermsRules.Read(request, "maker", Now);

        Assert.Null(terms);
        string[] fields = ["name", "user_id", "scopes", "expires_in_days", "expires_at", "email", "environment", "rate_limit_per_hour", "allowed_networks", "grants.experiments", "grants.models", "quotas.bytes_per_day", "quotas.runs_per_day"];
        Assert.All(fields, field => Assert.Contains(faults, fault => fault.StartsWith(field + ": ", StringComparison.Ordinal)));
        Assert.Equal(3, faults.Count(fault => fault.StartsWith("allowed_networks", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_GrantsThatAreEmpty_MeanNoneNotAll()
    {
        var (terms, _) = KeyTermsRules.Read(new CreateKeyRequest("x", Grants: new KeyGrants([], null)), "maker", Now);

        Assert.Empty(terms!.Limits.Grants!.Experiments!);
        Assert.Null(terms.Limits.Grants.Models);
    }

    [Fact]
    public void Describe_Terms_AreReadBackAlike()
    {
        var (terms, _) = KeyTermsRules.Read(new CreateKeyRequest("x", "u", Scopes.All, 5, Email: "a@b", Environment: "e", RateLimitPerHour: 3, AllowedNetworks: ["::1"], Grants: new KeyGrants(["a"]), Quotas: new KeyQuotas(1)), "maker", Now);

        Assert.Equivalent(terms, KeyTermsRules.Read(KeyTermsRules.Describe(terms!), "other", Now).Terms, strict: true);
    }
}
