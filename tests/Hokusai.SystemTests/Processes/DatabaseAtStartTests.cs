using System.Net;
using Hokusai.SystemTests.Fixtures;
using Npgsql;

namespace Hokusai.SystemTests.Processes;

/// <summary>A database as a container finds it: its password comes by itself, as secrets do, and it may be away.</summary>
public sealed class DatabaseAtStartTests(PostgresServer postgres)
{
    [Theory]
    [InlineData("tracking", "--backend-store-uri")]
    [InlineData("keys", "--store-uri")]
    public async Task Serve_PasswordInTheEnvironment_OpensTheDatabase(string role, string flag)
    {
        var (location, password) = await postgres.CreateGuardedDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using var process = HokusaiProcess.Start(folder.Path, new Dictionary<string, string> { ["PGPASSWORD"] = password }, Arguments(role, flag, location));
        process.RememberKey(password);
        Assert.StartsWith($"{role} listens on ", await FirstLineOfAsync(role, process), StringComparison.Ordinal);
        process.Terminate();
        Assert.Equal(0, await process.WaitForExitAsync());
    }

    [Theory]
    [InlineData("tracking", "--backend-store-uri")]
    [InlineData("keys", "--store-uri")]
    public async Task Serve_WrongPasswordInTheEnvironment_NamesTheDatabase(string role, string flag)
    {
        var (location, _) = await postgres.CreateGuardedDatabaseAsync();
        using var folder = new TemporaryFolder();
        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["PGPASSWORD"] = "not-it" }, Arguments(role, flag, location));
        Assert.Equal(3, code);
        Assert.Contains(location.Replace($"{new Uri(location).UserInfo}@", "", StringComparison.Ordinal), errors, StringComparison.Ordinal);
        Assert.DoesNotContain("not-it", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("tried", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tracking", "--backend-store-uri")]
    [InlineData("keys", "--store-uri")]
    public async Task Serve_DatabaseThatIsAway_IsWaitedFor(string role, string flag)
    {
        var (location, password) = await postgres.CreateGuardedDatabaseAsync();
        await postgres.LetInAsync(location, anybody: false);
        using var folder = new TemporaryFolder();
        await using var process = HokusaiProcess.Start(folder.Path, new Dictionary<string, string> { ["PGPASSWORD"] = password }, Arguments(role, flag, location));
        process.RememberKey(password);
        await Until.TrueAsync("it says what it waits for", HokusaiProcess.Deadline, () => process.Errors.Contains("tried again for up to 90 s", StringComparison.Ordinal));

        await postgres.LetInAsync(location, anybody: true);

        Assert.StartsWith($"{role} listens on ", await FirstLineOfAsync(role, process), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tracking", "--backend-store-uri")]
    [InlineData("keys", "--store-uri")]
    public async Task Serve_DatabaseThatStaysAway_EndsWithItsAddress(string role, string flag)
    {
        var (location, password) = await postgres.CreateGuardedDatabaseAsync();
        await postgres.LetInAsync(location, anybody: false);
        using var folder = new TemporaryFolder();
        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["PGPASSWORD"] = password }, [.. Arguments(role, flag, location), "--start-wait", "3"]);

        Assert.Equal(3, code);
        Assert.Contains("tried again for up to 3 s", errors, StringComparison.Ordinal);
        Assert.Contains($"{role}: can't open the database {location.Replace($"{new Uri(location).UserInfo}@", "", StringComparison.Ordinal)}", errors, StringComparison.Ordinal);
    }

    // What time does not mend: no such database, and a server that does not encrypt.
    [Theory]
    [InlineData("-missing", "")]
    [InlineData("", "?sslmode=require")]
    public async Task Serve_RefusalForGood_EndsAtOnce(string name, string query)
    {
        var (location, password) = await postgres.CreateGuardedDatabaseAsync();
        using var folder = new TemporaryFolder();
        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["PGPASSWORD"] = password }, Arguments("keys", "--store-uri", location + name + query));

        Assert.Equal(3, code);
        Assert.Contains("keys: can't open the database ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("tried", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServeKeys_DatabaseGoesAwayBeforeTheFirstKey_IsWaitedForAndEndsInOrder()
    {
        var (location, password) = await postgres.CreateGuardedDatabaseAsync();
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["PGPASSWORD"] = password };
        string[] arguments = [.. Arguments("keys", "--store-uri", location), "--bootstrap", "--start-wait"];
        await using (var process = HokusaiProcess.Start(folder.Path, environment, Arguments("keys", "--store-uri", location)))
        {
            await FirstLineOfAsync("keys", process);
            process.Terminate();
            Assert.Equal(0, await process.WaitForExitAsync());
        }
        await ExecuteAsync(location, password, "CREATE FUNCTION away() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '53300'; END $$ LANGUAGE plpgsql; CREATE TRIGGER away BEFORE INSERT ON api_keys EXECUTE FUNCTION away()");

        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, environment, [.. arguments, "3"]);
        Assert.Equal(3, code);
        Assert.Contains("hokusai: keys: the database ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("unhandled", errors, StringComparison.OrdinalIgnoreCase);

        await using var again = HokusaiProcess.Start(folder.Path, environment, [.. arguments, "90"]);
        await Until.TrueAsync("it waits", HokusaiProcess.Deadline, () => again.Errors.Contains("tried again", StringComparison.Ordinal));
        await ExecuteAsync(location, password, "DROP TRIGGER away ON api_keys");
        Assert.StartsWith("administration at ", await again.ReadLineAsync(), StringComparison.Ordinal);
        var line = await again.ReadLineAsync();
        Assert.StartsWith("first key, shown once: ", line, StringComparison.Ordinal);
        again.RememberKey(line["first key, shown once: ".Length..]);
    }

    [Theory]
    [InlineData("3.5")]
    [InlineData("90s")]
    [InlineData("99999999999")]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("3601")]
    public async Task Serve_WaitThatIsNone_IsBadUsage(string wait)
    {
        using var folder = new TemporaryFolder();
        var (code, _, errors) = await HokusaiProcess.RunAsync(folder.Path, null, "serve", "keys", "--port", "0", "--admin-port", "0", "--start-wait", wait);

        Assert.Equal(2, code);
        Assert.Contains("--start-wait", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("unhandled", errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Serve_StoppedWhileItWaits_EndsAtOnce()
    {
        var (location, password) = await postgres.CreateGuardedDatabaseAsync();
        await postgres.LetInAsync(location, anybody: false);
        using var folder = new TemporaryFolder();
        await using var process = HokusaiProcess.Start(folder.Path, new Dictionary<string, string> { ["PGPASSWORD"] = password }, Arguments("tracking", "--backend-store-uri", location));
        await Until.TrueAsync("it waits", HokusaiProcess.Deadline, () => process.Errors.Contains("tried again", StringComparison.Ordinal));

        process.Terminate();

        Assert.Equal(0, await process.WaitForExitAsync());
        Assert.DoesNotContain("unhandled", process.Errors, StringComparison.OrdinalIgnoreCase);
    }

    // Until ECS has put tasks with the new password in its place: clients and the gateway try again, and find one of these.
    [Fact]
    public async Task Tracking_PasswordRotatedMeanwhile_SaysTryAgain()
    {
        var (location, password) = await postgres.CreateGuardedDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using var process = HokusaiProcess.Start(folder.Path, new Dictionary<string, string> { ["PGPASSWORD"] = password }, Arguments("tracking", "--backend-store-uri", location));
        process.RememberKey(password);
        var url = (await FirstLineOfAsync("tracking", process))["tracking listens on ".Length..];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = HokusaiProcess.Deadline };
        var question = new Uri(url + "/api/2.0/mlflow/experiments/get?experiment_id=0");
        using (var before = await client.GetAsync(question, TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        await postgres.RotatePasswordAsync(location);
        for (var time = 0; time < 20; time++)
        {
            using var answer = await client.GetAsync(question, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    private static async Task ExecuteAsync(string location, string password, string text)
    {
        var address = new Uri(location);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port,
            Username = address.UserInfo,
            Password = password,
            Database = address.AbsolutePath[1..],
            Pooling = false,
        }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static string[] Arguments(string role, string flag, string location) =>
        role == "keys" ? ["serve", role, "--port", "0", "--admin-port", "0", flag, location] : ["serve", role, "--port", "0", flag, location];

    // The auth service tells of its administration first.
    private static async Task<string> FirstLineOfAsync(string role, HokusaiProcess process)
    {
        var line = await process.ReadLineAsync();
        return line.StartsWith($"{role} listens", StringComparison.Ordinal) ? line : await process.ReadLineAsync();
    }
}
