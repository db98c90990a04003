namespace Hokusai.Gateway.Shield;

/// <summary>What the upstream answered to a create.</summary>
/// <param name="RequestId">The request that was answered: goes out in <see cref="ReplayShield.ReplayedHeader"/>.</param>
/// <param name="Status">The upstream's status.</param>
/// <param name="ContentType">The body's type. No other header of a create's answer means anything to MLflow's clients.</param>
/// <param name="Body">The body; null if the upstream processed the request but the body was lost or is too large to keep.</param>
internal sealed record ShieldedOutcome(string RequestId, int Status, string? ContentType, ReadOnlyMemory<byte>? Body)
{
    // A later gateway may write another form; one that reads this number knows that it can't read it.
    private const byte Form = 1;

    /// <summary>Whether something was made: anything but a 2xx made nothing, and asking again may end better.</summary>
    public bool Created => Status is >= 200 and <= 299;

    /// <summary>Roughly what it takes in memory.</summary>
    public int Size => 256 + (Body?.Length ?? 0);

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream(Size);
        using var writer = new BinaryWriter(stream);
        writer.Write(Form);
        writer.Write(RequestId);
        writer.Write((short)Status);
        writer.Write(ContentType ?? "");
        writer.Write(Body is not null);
        writer.Write(Body.GetValueOrDefault().Span);
        return stream.ToArray();
    }

    /// <exception cref="FormatException">Another version of the gateway wrote it, or nobody's gateway did.</exception>
    public static ShieldedOutcome FromBytes(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            if (reader.ReadByte() != Form) throw new FormatException("a kept outcome is of an unknown form");
            var (requestId, status, contentType, hasBody) = (reader.ReadString(), reader.ReadInt16(), reader.ReadString(), reader.ReadBoolean());
            var rest = bytes.AsMemory((int)reader.BaseStream.Position);
            return new ShieldedOutcome(requestId, status, contentType.Length == 0 ? null : contentType, hasBody ? rest : default(ReadOnlyMemory<byte>?));
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException("a kept outcome is cut short", e);
        }
    }
}
