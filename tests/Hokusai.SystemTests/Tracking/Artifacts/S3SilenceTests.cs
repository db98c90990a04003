using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Tracking.Artifacts;

/// <summary>S3 takes requests and says nothing: clients hear of it before the gateway gives their transfer up, after 55 s.</summary>
public sealed class S3SilenceTests
{
    private const int Deadline = 120_000;

    [Fact(Timeout = Deadline)]
    public async Task S3_IsSilent_IsAskedAgainAndGivenUpIn45Seconds()
    {
        await using var place = await S3Place.StartAsync(time: TimeProvider.System);
        using var calls = new Calls(place.Url);
        place.S3.Script = async (_, http) =>
        {
            await ScriptedServer.Silence()(http);
            return true;
        };
        var begun = TimeProvider.System.GetTimestamp();

        var answers = await Task.WhenAll(calls.ReadAsync("0/a.txt"), calls.PutAsync("0/a.txt", "text"), calls.PutAsync("0/a.bin", new ByteArrayContent(new byte[20 << 20])), calls.SendAsync(HttpMethod.Get, Calls.Artifacts));

        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(54));
        Assert.All(answers, answer => Assert.Equal((503, "TEMPORARILY_UNAVAILABLE"), (answer.Status, answer.ErrorCode)));
        Assert.All(answers, answer => Assert.Contains(place.S3.Url, answer.Body, StringComparison.Ordinal));
        Assert.InRange(place.S3.Calls.Count(call => call.Operation == "GetObject"), 2, 3);
    }
}
