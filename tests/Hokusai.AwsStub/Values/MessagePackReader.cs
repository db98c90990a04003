using System.Buffers.Binary;
using System.Text;

namespace Hokusai.AwsStub.Values;

/// <summary>Reads the MessagePack that Terraform sends. What carries extension type 0 or 12 is an unknown value.</summary>
internal ref struct MessagePackReader
{
    private ReadOnlySpan<byte> _rest;

    private MessagePackReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>Reads one whole value.</summary>
    /// <exception cref="FormatException">The bytes are no value, or something follows it.</exception>
    public static object? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        var value = reader.Next();
        return reader._rest.IsEmpty ? value : throw new FormatException($"{reader._rest.Length} bytes follow the MessagePack value");
    }

    private object? Next()
    {
        var code = Take(1)[0];
        return code switch
        {
            <= 0x7f => (long)code,
            <= 0x8f => Map(code & 0x0f),
            <= 0x9f => List(code & 0x0f),
            <= 0xbf => Text(code & 0x1f),
            0xc0 => null,
            0xc2 => false,
            0xc3 => true,
            0xc4 or 0xd9 => Text((int)Unsigned(1)),
            0xc5 or 0xda => Text((int)Unsigned(2)),
            0xc6 or 0xdb => Text((int)Unsigned(4)),
            0xc7 => Extension((int)Unsigned(1)),
            0xc8 => Extension((int)Unsigned(2)),
            0xc9 => Extension((int)Unsigned(4)),
            0xca => (double)BinaryPrimitives.ReadSingleBigEndian(Take(4)),
            0xcb => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
            0xcc => (long)Unsigned(1),
            0xcd => (long)Unsigned(2),
            0xce => (long)Unsigned(4),
            0xcf => Large(Unsigned(8)),
            0xd0 => (long)(sbyte)Take(1)[0],
            0xd1 => (long)BinaryPrimitives.ReadInt16BigEndian(Take(2)),
            0xd2 => (long)BinaryPrimitives.ReadInt32BigEndian(Take(4)),
            0xd3 => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            >= 0xd4 and <= 0xd8 => Extension(1 << (code - 0xd4)),
            0xdc => List((int)Unsigned(2)),
            0xdd => List((int)Unsigned(4)),
            0xde => Map((int)Unsigned(2)),
            0xdf => Map((int)Unsigned(4)),
            >= 0xe0 => (long)(sbyte)code,
            _ => throw new FormatException($"MessagePack code {code:x2} has no meaning"),
        };
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length) throw new FormatException($"the MessagePack value ends {count - _rest.Length} bytes early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private ulong Unsigned(int bytes)
    {
        var value = 0UL;
        foreach (var part in Take(bytes)) value = (value << 8) | part;
        return value;
    }

    // As Terraform itself writes numbers that fit no integer: in decimal digits.
    private static object Large(ulong value) => value <= long.MaxValue ? (long)value : value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private Unknown Extension(int length)
    {
        var type = Take(1)[0];
        Take(length);
        return type is 0 or 12 ? Unknown.Value : throw new FormatException($"MessagePack extension {type} has no meaning for Terraform");
    }

    private List<object?> List(int count)
    {
        var list = new List<object?>();
        while (count-- > 0) list.Add(Next());
        return list;
    }

    private Dictionary<string, object?> Map(int count)
    {
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (count-- > 0)
        {
            var key = Next() as string ?? throw new FormatException("a MessagePack map of Terraform's has text as its keys");
            map[key] = Next();
        }
        return map;
    }
}
