using System.Text.RegularExpressions;
using Hokusai.Gateway.Forwarding;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Gateway.Forwarding;

/// <summary>What follows from each place of failure, for all of them: a new place can't be forgotten anywhere.</summary>
public sealed partial class FailuresTests
{
    private const string Page = "docs/errors.md";

    // MLflow's client sends again what was answered so, for four minutes, and loses the body.
    private static readonly int[] SentAgainByClients = [408, 429, 500, 502, 503, 504];

    private static readonly FailurePlace[] All = Enum.GetValues<FailurePlace>();

    // What passes by itself. All other places stay as they are until somebody mends something.
    private static readonly FailurePlace[] Transient =
    [
        FailurePlace.AuthUnavailable, FailurePlace.NoAddress, FailurePlace.ConnectFailed, FailurePlace.UpstreamReset, FailurePlace.UpstreamMalformed,
        FailurePlace.UpstreamTimeout, FailurePlace.BreakerOpen, FailurePlace.CreateStillOut, FailurePlace.Draining, FailurePlace.Internal,
        FailurePlace.AttemptsExceeded, FailurePlace.RateExceeded, FailurePlace.QuotaEndsSoon,
    ];

    [Fact]
    public void Of_EveryPlace_SaysWhatIsWrongAndWhatHelps() => Repository.AssertNone(All.Select(place => (place, Failure: Failures.Of(place)))
        .Where(found => !Code().IsMatch(found.Failure.Code) || !found.Failure.Message.EndsWith('.') || !found.Failure.Hint.EndsWith('.') && !found.Failure.Hint.EndsWith('?') && !found.Failure.Hint.EndsWith(')') || found.Failure.ErrorCode.Length == 0 || found.Failure.Status is < 400 or > 599)
        .Select(found => $"{found.place}: {found.Failure}"));

    [Fact]
    public void Of_PlacesThatLast_HaveAStatusThatNoClientSendsAgain() => Repository.AssertNone(All.Except(Transient).Select(place => (place, Failure: Failures.Of(place)))
        .Where(found => SentAgainByClients.Contains(found.Failure.Status) || found.Failure.RetryAfter is not null)
        .Select(found => $"{found.place}: {found.Failure.Status}, Retry-After {found.Failure.RetryAfter}"));

    [Fact]
    public void Of_PlacesThatPass_HaveAStatusThatClientsSendAgainAndSayWhen() => Repository.AssertNone(Transient.Select(place => (place, Failure: Failures.Of(place)))
        .Where(found => !SentAgainByClients.Contains(found.Failure.Status) || found.Failure.RetryAfter is null or < 1 or > 30)
        .Select(found => $"{found.place}: {found.Failure.Status}, Retry-After {found.Failure.RetryAfter}"));

    [Fact]
    public void Of_TooLarge_IsNeverToBeSentAgain() => Assert.All(All.Select(Failures.Of).Where(failure => failure.Status == 413), failure => Assert.Null(failure.RetryAfter));

    [Fact]
    public void Of_UpstreamPlaces_HaveAProxyStatus() => Repository.AssertNone(All.Select(place => (place, Failure: Failures.Of(place)))
        .Where(found => (found.Failure.Code.StartsWith("HKS-UP-", StringComparison.Ordinal) || found.Failure.Status == 504) && found.Failure.ProxyStatus is null)
        .Select(found => $"{found.place}: the answer would not say that it was the upstream (RFC 9209)"));

    [Fact]
    public void Of_EveryPlace_HasACodeOfItsOwn() => Repository.AssertNone(All.GroupBy(place => Failures.Of(place).Code).Where(twins => twins.Count() > 1).Select(twins => $"{twins.Key}: {string.Join(", ", twins)}"));

    [Fact]
    public void Of_WhatIsNoPlace_IsNotGuessed() => Assert.Throws<ArgumentOutOfRangeException>(() => Failures.Of((FailurePlace)int.MaxValue));

    [Fact]
    public void Page_OfErrors_NamesEveryCodeWithItsStatus()
    {
        var made = All.Select(Failures.Of).Select(failure => $"{failure.Code} {failure.Status}").Union(OwnEndpoints()).ToList();
        var documented = Row().Matches(Repository.Read(Page)).Select(row => $"{row.Groups["code"].Value} {row.Groups["status"].Value}").ToList();
        Repository.AssertNone(made.Except(documented).Select(code => $"{code}: is not in {Page}")
            .Concat(documented.Except(made).Select(code => $"{code}: stands in {Page} and is never answered"))
            .Concat(documented.GroupBy(code => code).Where(twins => twins.Count() > 1).Select(twins => $"{twins.Key}: stands in {Page} more than once")));
    }

    // A code that is written any other way would be seen by nobody.
    [Fact]
    public void Codes_InTheSources_AreAllKnown()
    {
        var known = All.Select(place => Failures.Of(place).Code).Concat(OwnEndpoints().Select(found => found.Split(' ')[0])).ToHashSet();
        Repository.AssertNone(Sources().SelectMany(path => Written().Matches(Repository.Read(path)).Select(found => found.Groups["code"].Value).Where(code => !known.Contains(code)).Select(code => $"{path}: {code}")));
    }

    // Their answers are no failures of a request that was to go upstream, so they stand where they are made.
    private static List<string> OwnEndpoints()
    {
        var found = Sources().SelectMany(path => OwnAnswer().Matches(Repository.Read(path))).Select(answer => $"{answer.Groups["code"].Value} {answer.Groups["status"].Value}").Distinct().ToList();
        Assert.All((string[])["HKS-WHY-ID 400", "HKS-WHY-UNKNOWN 404", "HKS-DEBUG 400", "HKS-DEBUG-UNKNOWN 404"], code => Assert.Contains(code, found));
        return found;
    }

    private static IEnumerable<string> Sources() => Repository.Files.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal));

    [GeneratedRegex("^HKS(-[A-Z]+)+$", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex("\"(?<code>HKS-[A-Z-]+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Written();

    [GeneratedRegex(@"StatusCodes\.Status(?<status>\d{3})\w*,\s*MlflowErrorCodes\.\w+,\s*""(?<code>HKS-[A-Z-]+)""", RegexOptions.CultureInvariant)]
    private static partial Regex OwnAnswer();

    [GeneratedRegex(@"^\| (?<code>HKS-[A-Z-]+) \| (?<status>\d{3}) \|", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Row();
}
