using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Hokusai.Gateway.Discovery;

namespace Hokusai.Tests.Gateway.Discovery;

/// <summary>DNS without a network: answers by name and type, and a list of what was asked.</summary>
internal sealed class DnsScript
{
    private readonly Dictionary<(string Name, QueryType Type), Func<CancellationToken, Task<DnsAnswer>>> _answers = [];

    public List<string> Asked { get; } = [];

    public DnsScript Answer(string name, QueryType type, params DnsResourceRecord[] records) => Add(name, type, new DnsAnswer(LookupOutcome.Found, records, [], null, null));

    public DnsScript Add(string name, QueryType type, DnsAnswer answer) => Add(name, type, _ => Task.FromResult(answer));

    public DnsScript Add(string name, QueryType type, Func<CancellationToken, Task<DnsAnswer>> answer)
    {
        _answers[(name, type)] = answer;
        return this;
    }

    public DnsScript Unknown(string name) => Add(name, QueryType.A, NoName()).Add(name, QueryType.AAAA, NoName());

    public Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken cancellation)
    {
        name = name.TrimEnd('.');
        lock (Asked) Asked.Add($"{type} {name}");
        return _answers.TryGetValue((name, type), out var answer) ? answer(cancellation) : Task.FromResult(new DnsAnswer(LookupOutcome.Found, [], [], null, null));
    }

    public static DnsAnswer NoName(int? negativeTtl = null) =>
        new(LookupOutcome.NameUnknown, [], [], negativeTtl is { } seconds ? TimeSpan.FromSeconds(seconds) : null, "no such name");

    public static DnsResourceRecord A(string name, string address, int ttl = 10) => new ARecord(Info(name, ResourceRecordType.A, ttl), IPAddress.Parse(address));

    public static DnsResourceRecord Aaaa(string name, string address, int ttl = 10) => new AaaaRecord(Info(name, ResourceRecordType.AAAA, ttl), IPAddress.Parse(address));

    public static DnsResourceRecord Alias(string name, string target, int ttl = 10) => new CNameRecord(Info(name, ResourceRecordType.CNAME, ttl), DnsString.Parse(target));

    public static DnsResourceRecord Srv(string name, ushort priority, ushort weight, ushort port, string target, int ttl = 10) =>
        new SrvRecord(Info(name, ResourceRecordType.SRV, ttl), priority, weight, port, DnsString.Parse(target));

    /// <summary>An answer that never comes.</summary>
    public static async Task<DnsAnswer> SilenceAsync(CancellationToken cancellation)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        throw new InvalidOperationException("silence ended");
    }

    private static ResourceRecordInfo Info(string name, ResourceRecordType type, int ttl) => new(name, type, QueryClass.IN, ttl, 0);
}
