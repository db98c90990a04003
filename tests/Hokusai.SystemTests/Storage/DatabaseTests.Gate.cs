using Hokusai.Storage;

namespace Hokusai.SystemTests.Storage;

// What the tests are made of.
public abstract partial class DatabaseTests
{
    private protected async Task<Database> OpenAsync() => Database.Open(await NewLocationAsync(), Notes);

    private protected static Task<int> AddAsync(Database database, string name) => database.WriteAsync(session => Add(session, name), Cancellation);

    private protected static async Task<long> CountAsync(Database database) =>
        await database.ReadAsync(session => session.Number("SELECT count(*) FROM notes"), Cancellation) ?? -1;

    private static int Add(Session session, string name) => session.Execute("INSERT INTO notes (name) VALUES ($1)", name);

    private static Task<List<string>> NamesAsync(Database database, string sql) => database.ReadAsync(session => session.Query(sql, row => row.GetString(0)), Cancellation);

    /// <summary>Queues units of work while all writers are held up, so that they meet each other, then lets them run.</summary>
    private protected static async Task<List<Task<int>>> QueueBehindAGateAsync(Database database, int count, Action<Session, int> work)
    {
        var gate = Gate.Closed(database);
        var units = Enumerable.Range(0, count).Select(i => database.WriteAsync(session =>
        {
            work(session, i);
            return i;
        }, Cancellation)).ToList();
        await gate.OpenAsync();
        return units;
    }

    /// <summary>Holds up all the writers of a database until it is opened.</summary>
    private sealed class Gate
    {
        // At least as many as any engine has writers; those that find none free pass through after the others.
        private const int MostWriters = 16;

        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Task<bool>> _held = [];

        public static Gate Closed(Database database)
        {
            var gate = new Gate();
            for (var i = 0; i < MostWriters; i++) gate._held.Add(database.WriteAsync(_ => gate._opened.Task.Wait(Deadline), Cancellation));
            return gate;
        }

        public async Task OpenAsync()
        {
            _opened.SetResult();
            Assert.DoesNotContain(false, await Task.WhenAll(_held));
        }
    }
}
