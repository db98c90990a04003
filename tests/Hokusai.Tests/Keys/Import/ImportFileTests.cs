using System.Security.Cryptography;
using Hokusai.Contracts.Keys;
using Hokusai.Keys.Import;

namespace Hokusai.Tests.Keys.Import;

public sealed class ImportFileTests
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Read_AnyKeyOfTheForm_IsTakenInEachForm()
    {
        List<string> keys = [.. from prefix in (string[])[ApiKey.LivePrefix, ApiKey.TestPrefix] from c in Alphabet select prefix + new string(c, 32)];
        for (var i = 0; i < 1000; i++) keys.Add((i % 2 == 0 ? ApiKey.LivePrefix : ApiKey.TestPrefix) + RandomNumberGenerator.GetString(Alphabet, 32));

        AssertTaken(keys, string.Join('\n', keys));
        AssertTaken(keys, string.Join("\r\n", keys.Select(key => $"  {key}\t")));
        AssertTaken(keys, string.Join('\n', keys.Select(key => $$"""{"key": "{{key}}"}""")));
        AssertTaken(keys, "name,key\n" + string.Join('\n', keys.Select(key => $"\"a, b\",{key}")));
    }

    [Fact]
    public void Read_LinesWithFields_KeepThem()
    {
        var (first, second) = (ApiKey.Mint(), ApiKey.Mint());

        var file = Read(
            $$"""
            # from the old platform
            {"key":"{{first.Reveal()}}","name":"ci","user_id":"ada","scopes":["model:write"],"expires_at":"2031-01-01T00:00:00Z","grants":{"models":["churn-*"]},"quotas":{"runs_per_day":5} }

            {{second.Reveal()}}
            """);

        Assert.Equal([(2, first), (4, second)], file.Keys.Select(key => (key.Line, key.Key)));
        var (given, plain) = (file.Keys[0].Terms, file.Keys[1].Terms);
        Assert.Equal(("ci", "ada", Now.AddYears(1), "churn-*", 5L), (given.Name, given.UserId, given.Expires, given.Limits.Grants!.Models![0], given.Limits.Quotas!.RunsPerDay));
        Assert.Equal([Scopes.ModelWrite], given.Scopes);
        Assert.Equal(("imported", "maker", null), (plain.Name, plain.UserId, plain.Expires));
        Assert.Equal([Scopes.Read, Scopes.Write], plain.Scopes);
    }

    [Fact]
    public void Read_Csv_FillsEveryColumn()
    {
        var key = ApiKey.Mint();

        var file = Read("\uFEFFKey,Name,user_id,email,environment,scopes,expires_in_days,rate_limit_per_hour,allowed_networks,experiments,models,bytes_per_day,runs_per_day\n"
            + $"{key.Reveal()},\"the \"\"best\"\", ever\",ada,ada@example.org,production,mlflow:read;admin,7,60,10.0.0.0/8;192.0.2.1,a-*;!a-b,m,1000,2\n");

        Assert.Empty(file.Faults);
        var terms = Assert.Single(file.Keys).Terms;
        Assert.Equal(("the \"best\", ever", "ada", "ada@example.org", "production", Now.AddDays(7)), (terms.Name, terms.UserId, terms.Email, terms.Environment, terms.Expires));
        Assert.Equal([Scopes.Read, Scopes.Admin], terms.Scopes);
        Assert.Equal((60, 1000L, 2L), (terms.Limits.RateLimitPerHour, terms.Limits.Quotas!.BytesPerDay, terms.Limits.Quotas.RunsPerDay));
        Assert.Equal(["10.0.0.0/8", "192.0.2.1/32"], terms.Limits.AllowedNetworks!);
        Assert.Equal(["a-*", "!a-b"], terms.Limits.Grants!.Experiments!);
        Assert.Equal(["m"], terms.Limits.Grants.Models!);
    }

    [Theory]
    [InlineData("CUT", "key: it has 37 characters")]
    [InlineData("KEY,1", "key: it has 42 characters")]
    [InlineData("nonsense", "key: it does not start with")]
    [InlineData("[1]", "key: it does not start with")]
    [InlineData("""{"key":"KEY"} x""", "body: is no JSON")]
    [InlineData("""{"key":"KEY","key":"KEY"}""", "body: is no JSON, or has a field twice")]
    [InlineData("{}", "key: missing")]
    [InlineData("""{"key":null}""", "key: missing")]
    [InlineData("""{"key":["KEY"]}""", "key: missing")]
    [InlineData("""{"key":"KEY","scope":["admin"]}""", "scope: no such field")]
    [InlineData("""{"key":"KEY","KEY":1}""", "hk_live_…: no such field")]
    [InlineData("""{"key":"KEY","scopes":"KEY"}""", "scopes: is not of its type")]
    [InlineData("""{"key":"KEY","scopes":["KEY"]}""", "scopes: hk_live_… not known")]
    [InlineData("""{"key":"KEY","name":"KEY"}""", "name: holds a key")]
    [InlineData("""{"key":"KEY","allowed_networks":["10.0.0.1/8"]}""", "allowed_networks: '10.0.0.1/8' is no network")]
    [InlineData("""{"key":"KEY","expires_at":"2029-01-01T00:00:00Z"}""", "expires_at: 2029-01-01")]
    [InlineData("""{"key":"KEY","rate_limit_per_hour":0,"email":"x"}""", "email: is no address such as ada@example.org; rate_limit_per_hour: 0")]
    public void Read_BadLine_IsToldByNumberWithoutAnyKey(string line, string expected)
    {
        var (good, bad) = (ApiKey.Mint(), ApiKey.Mint());

        var file = Read($"{good.Reveal()}\n\n{line.Replace("KEY", bad.Reveal(), StringComparison.Ordinal).Replace("CUT", bad.Reveal()[..^3], StringComparison.Ordinal)}\n# end\nagain");

        Assert.Equal([3, 5], file.Faults.Select(fault => fault.Line));
        Assert.Contains(expected, file.Faults[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(bad.Reveal()[8..20], file.Faults[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key,colour\nKEY,red", 1, "column 'colour': not known")]
    [InlineData("key,name,key\nKEY,x,KEY", 1, "column 'key': stands there 2 times")]
    [InlineData("key,name\nKEY", 2, "has 1 cells, the first line names 2 columns")]
    [InlineData("key,name\nKEY,\"x", 2, "has a quotation mark")]
    [InlineData("key,runs_per_day\nKEY,many", 2, "runs_per_day: is no whole number")]
    [InlineData("", 1, "there is no key in the file")]
    [InlineData("# nothing\n\n", 3, "there is no key in the file")]
    public void Read_BadFile_IsTold(string text, int line, string expected)
    {
        var fault = Read(text.Replace("KEY", ApiKey.Mint().Reveal(), StringComparison.Ordinal)).Faults[0];

        Assert.Equal(line, fault.Line);
        Assert.Contains(expected, fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_KeyThatStandsThereTwice_CountsOnce()
    {
        var key = ApiKey.Mint();

        var file = Read($"{key.Reveal()}\n{ApiKey.Mint().Reveal()}\n{key.Reveal()}");

        Assert.Equal(2, file.Keys.Count);
        Assert.Equal((3, $"{key.Display} stands in line 1 already, which counts"), (Assert.Single(file.Duplicates).Line, file.Duplicates[0].Text));
    }

    private static ImportFile Read(string text) => ImportFile.Read(text, "maker", Now);

    private static void AssertTaken(List<string> keys, string text)
    {
        var file = Read(text);
        Assert.Empty(file.Faults);
        Assert.Equal(keys, file.Keys.Select(key => key.Key.Reveal()));
    }
}
