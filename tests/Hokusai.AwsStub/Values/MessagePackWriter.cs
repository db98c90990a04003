using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Hokusai.AwsStub.Values;

/// <summary>Writes values as MessagePack, in the shortest common form: Terraform reads any.</summary>
internal static class MessagePackWriter
{
    public static byte[] Write(object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, value);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> to, object? value)
    {
        switch (value)
        {
            case null: Bytes(to, 0xc0); break;
            case Unknown: Bytes(to, 0xd4, 0, 0); break;
            case bool flag: Bytes(to, flag ? (byte)0xc3 : (byte)0xc2); break;
            case long number:
                Bytes(to, 0xd3);
                BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(8), number);
                to.Advance(8);
                break;
            case double number:
                Bytes(to, 0xcb);
                BinaryPrimitives.WriteDoubleBigEndian(to.GetSpan(8), number);
                to.Advance(8);
                break;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                Head(to, 0xdb, bytes.Length);
                to.Write(bytes);
                break;
            case List<object?> list:
                Head(to, 0xdd, list.Count);
                foreach (var element in list) Write(to, element);
                break;
            case Dictionary<string, object?> map:
                Head(to, 0xdf, map.Count);
                foreach (var (key, element) in map)
                {
                    Write(to, key);
                    Write(to, element);
                }
                break;
            default: throw new NotSupportedException($"a {value.GetType().Name} is no value of Terraform's");
        }
    }

    private static void Bytes(ArrayBufferWriter<byte> to, params ReadOnlySpan<byte> bytes) => to.Write(bytes);

    private static void Head(ArrayBufferWriter<byte> to, byte code, int count)
    {
        Bytes(to, code);
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(4), count);
        to.Advance(4);
    }
}
