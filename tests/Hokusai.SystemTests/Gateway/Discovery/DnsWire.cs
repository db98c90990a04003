using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Hokusai.SystemTests.Gateway.Discovery;

/// <summary>A record as a test writes it: its type, name, TTL and data in wire form.</summary>
internal sealed record WireRecord(ushort Type, string Name, uint Ttl, byte[] Data)
{
    public static WireRecord Address(string name, string address, uint ttl = 10)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return new WireRecord(bytes.Length == 4 ? DnsWire.A : DnsWire.Aaaa, name, ttl, bytes);
    }

    public static WireRecord Alias(string name, string target, uint ttl = 10) => new(DnsWire.Cname, name, ttl, DnsWire.Name(target));

    public static WireRecord Srv(string name, ushort priority, ushort weight, ushort port, string target, uint ttl = 10) =>
        new(DnsWire.Srv, name, ttl, [.. DnsWire.Number(priority), .. DnsWire.Number(weight), .. DnsWire.Number(port), .. DnsWire.Name(target)]);

    public static WireRecord Soa(string zone, uint ttl, uint minimum) =>
        new(DnsWire.Soa, zone, ttl, [.. DnsWire.Name("ns." + zone), .. DnsWire.Name("hostmaster." + zone), .. DnsWire.Long(1), .. DnsWire.Long(60), .. DnsWire.Long(60), .. DnsWire.Long(60), .. DnsWire.Long(minimum)]);
}

/// <summary>What the test's DNS server says to one question.</summary>
internal sealed record WireAnswer(int Code = 0, params IReadOnlyList<WireRecord> Answers)
{
    public IReadOnlyList<WireRecord> Authorities { get; init; } = [];

    public IReadOnlyList<WireRecord> Additionals { get; init; } = [];

    /// <summary>Over UDP only a truncated answer without records is sent, so that the client must come back over TCP.</summary>
    public bool Truncated { get; init; }

    /// <summary>Nothing is sent.</summary>
    public bool Silent { get; init; }

    /// <summary>The question's id and then bytes that are no DNS message.</summary>
    public bool Malformed { get; init; }
}

/// <summary>The wire format of RFC 1035, as much of it as the tests need.</summary>
internal static class DnsWire
{
    public const ushort A = 1, Cname = 5, Soa = 6, Aaaa = 28, Srv = 33;
    private const ushort Response = 0x8580, TruncatedFlag = 0x0200;

    public static byte[] Number(ushort value) => [(byte)(value >> 8), (byte)value];

    public static byte[] Long(uint value) => [.. Number((ushort)(value >> 16)), .. Number((ushort)value)];

    public static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    public static (string Name, ushort Type, int End) ReadQuestion(ReadOnlySpan<byte> message)
    {
        var labels = new List<string>();
        var at = 12;
        for (; message[at] != 0; at += message[at] + 1) labels.Add(Encoding.ASCII.GetString(message.Slice(at + 1, message[at])));
        return (string.Join('.', labels), BinaryPrimitives.ReadUInt16BigEndian(message[(at + 1)..]), at + 5);
    }

    public static byte[] Write(ReadOnlySpan<byte> question, int end, WireAnswer answer, bool truncate)
    {
        if (answer.Malformed) return [question[0], question[1], 0x85, 0x80, 0, 1, 0, 9, 0, 0, 0, 0, 0xC0, 0xFF];
        var flags = (ushort)(Response | answer.Code | (truncate ? TruncatedFlag : 0));
        var (answers, authorities, additionals) = truncate ? ([], [], []) : (answer.Answers, answer.Authorities, answer.Additionals);
        var bytes = new List<byte>();
        bytes.AddRange(question[..2]);
        foreach (var number in (int[])[flags, 1, answers.Count, authorities.Count, additionals.Count]) bytes.AddRange(Number((ushort)number));
        bytes.AddRange(question[12..end]);
        foreach (var record in (IEnumerable<WireRecord>)[.. answers, .. authorities, .. additionals])
            bytes.AddRange([.. Name(record.Name), .. Number(record.Type), .. Number(1), .. Long(record.Ttl), .. Number((ushort)record.Data.Length), .. record.Data]);
        return [.. bytes];
    }
}
