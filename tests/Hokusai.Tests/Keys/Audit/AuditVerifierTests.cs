using System.Globalization;
using System.Reflection;
using System.Text;
using Hokusai.Keys.Audit;

namespace Hokusai.Tests.Keys.Audit;

/// <summary>Each kind of tampering is named, and none goes unseen.</summary>
public sealed class AuditVerifierTests
{
    private const int Length = 6;

    private readonly List<AuditEntry> _log = Chain(Length);

    // Computed apart from this code: logs that exist must stay valid.
    [Fact]
    public void HashOf_KnownEntry_StaysAsItWas() => Assert.Equal(
        "c142655a24d1968717cf419cdc28738c827e2eb706505cfe42eacab541e52551", AuditChain.HashOf(new AuditEntry(1, "2030-01-01T00:00:00.000Z", "key.create", "key_1", "key_2", "{}", AuditChain.Origin, "")));

    [Fact]
    public void Verify_WholeLog_IsIntactAndGivesItsHead() => Assert.Equal(new AuditReport(true, 1, Length, $"{Length}:{_log[^1].Hash}"), Verify(_log));

    [Fact]
    public void Verify_EmptyLog_IsIntact() => Assert.True(Verify([], new AuditHead(0, AuditChain.Origin)).Intact);

    [Fact]
    public void Verify_AnyByteOfAnyFieldChanged_IsFound()
    {
        var head = Head(_log);
        var unseen = new List<string>();
        for (var i = 0; i < _log.Count; i++)
        {
            foreach (var (field, changed) in ByteChanges(_log[i]))
            {
                var log = _log.ToList();
                log[i] = changed;
                // As the database gives them: by their numbers.
                if (Verify([.. log.OrderBy(entry => entry.Seq)], head).Intact) unseen.Add($"entry {i + 1}, {field}");
            }
        }
        Assert.Empty(unseen);
    }

    [Theory]
    [InlineData("act")]
    [InlineData("detail")]
    [InlineData("hash")]
    public void Verify_ChangedEntry_IsNamed(string what)
    {
        _log[2] = what switch
        {
            "act" => _log[2] with { Act = "key.nothing" },
            "detail" => _log[2] with { Detail = "{}" },
            _ => _log[2] with { Hash = _log[1].Hash },
        };
        AssertBroken(3, "changed", Verify(_log));
    }

    [Fact]
    public void Verify_EntryReplacedTogetherWithItsHash_IsNamed()
    {
        _log[2] = Hashed(_log[2] with { Actor = "key_other" });
        AssertBroken(3, "changed", Verify(_log));
    }

    [Fact]
    public void Verify_LastEntryReplacedTogetherWithItsHash_IsNamed()
    {
        var head = Head(_log);
        _log[^1] = Hashed(_log[^1] with { Actor = "key_other" });
        AssertBroken(Length, "changed", Verify(_log, head));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void Verify_EntriesTakenOut_AreNamed(int index, int count)
    {
        _log.RemoveRange(index, count);
        AssertBroken(index + 1, "missing", Verify(_log));
    }

    [Fact]
    public void Verify_EntryTakenOutAndTheOthersRenumbered_IsNamed()
    {
        _log.RemoveAt(2);
        AssertBroken(3, "reordered", Verify([.. _log.Select((entry, i) => entry with { Seq = i + 1 })]));
    }

    [Fact]
    public void Verify_EntriesThatSwappedTheirNumbers_AreNamed()
    {
        (_log[2], _log[4]) = (_log[4] with { Seq = 3 }, _log[2] with { Seq = 5 });
        AssertBroken(3, "reordered", Verify(_log));
    }

    [Fact]
    public void Verify_EntriesThatSwappedTheirPlaces_AreNamed()
    {
        (_log[2], _log[4]) = (_log[4], _log[2]);
        AssertBroken(3, "reordered", Verify(_log));
    }

    [Fact]
    public void Verify_EntryTwice_IsNamed()
    {
        _log.Insert(3, _log[2]);
        AssertBroken(3, "reordered", Verify(_log));
    }

    [Fact]
    public void Verify_EndCutOffButNotTheHead_IsNamed()
    {
        var head = Head(_log);
        _log.RemoveAt(Length - 1);
        AssertBroken(Length, "truncated", Verify(_log, head));
    }

    [Fact]
    public void Verify_EndCutOffTogetherWithTheHead_OnlyAnAnchorTells()
    {
        var anchor = Head(_log);
        _log.RemoveRange(3, 3);
        Assert.True(Verify(_log).Intact);
        AssertBroken(4, "truncated", Verify(_log, null, anchor));
    }

    [Fact]
    public void Verify_HeadGone_IsNamed()
    {
        var verifier = new AuditVerifier([]);
        foreach (var entry in _log) verifier.Add(entry);
        AssertBroken(Length + 1, "truncated", verifier.Finish(null));
    }

    [Fact]
    public void Verify_AllRewrittenFromAnEntryOn_OnlyAnAnchorTells()
    {
        var anchors = _log.Select(entry => new AuditHead(entry.Seq, entry.Hash)).ToList();
        var rewritten = Chain(Length, (2, "key.forged"));
        Assert.True(Verify(rewritten).Intact);
        Assert.True(Verify(rewritten, null, anchors[0]).Intact);
        AssertBroken(5, "rewritten", Verify(rewritten, null, anchors[4]));
        AssertBroken(2, "rewritten", Verify(rewritten, null, [.. anchors]));
    }

    [Fact]
    public void Verify_BeginningCutOffAndRewritten_IsNamed()
    {
        var first = Hashed(_log[1] with { Seq = 1 });
        AssertBroken(1, "missing", Verify([first], new AuditHead(1, first.Hash)));
    }

    [Fact]
    public void Verify_ExportOfAPart_IsIntactAndHeldToTheAnchorBeforeIt()
    {
        var part = _log[3..];
        var report = VerifyPart(part);
        Assert.Equal((true, 4, Length), (report.Intact, report.First, report.Last));
        Assert.True(VerifyPart(part, Head(_log[..3])).Intact);
        AssertBroken(3, "rewritten", VerifyPart(part, new AuditHead(3, _log[0].Hash)));
        AssertBroken(1, "missing", VerifyPart(part, Head(_log[..1])));
        AssertBroken(5, "missing", VerifyPart([_log[3], _log[5]]));
    }

    private static void AssertBroken(long at, string fault, AuditReport report)
    {
        Assert.Equal((false, at, fault, null), (report.Intact, report.BrokenAt, report.Fault, report.Head));
        // Of what was cut off nothing can be told but where the rest ends.
        Assert.Contains((fault == "truncated" ? at - 1 : at).ToString(CultureInfo.InvariantCulture), report.Reason, StringComparison.Ordinal);
    }

    private static AuditReport Verify(IReadOnlyList<AuditEntry> log, AuditHead? head = null, params AuditHead[] anchors) => Verify(new AuditVerifier(anchors), log, head ?? Head(log));

    private AuditReport VerifyPart(IReadOnlyList<AuditEntry> part, params AuditHead[] anchors) => Verify(new AuditVerifier(anchors, from: null), part, Head(_log));

    private static AuditReport Verify(AuditVerifier verifier, IReadOnlyList<AuditEntry> log, AuditHead head)
    {
        foreach (var entry in log) verifier.Add(entry);
        return verifier.Finish(head);
    }

    private static AuditHead Head(IReadOnlyList<AuditEntry> log) => new(log[^1].Seq, log[^1].Hash);

    private static List<AuditEntry> Chain(int length, params (long Seq, string Act)[] others)
    {
        var log = new List<AuditEntry>();
        for (var seq = 1L; seq <= length; seq++)
        {
            var act = others.FirstOrDefault(other => other.Seq == seq).Act ?? "key.create";
            log.Add(Hashed(new AuditEntry(seq, $"2030-01-01T00:00:0{seq}.000Z", act, "key_admin", $"key_{seq}", $$"""{"name":"{{seq}}"}""", log.LastOrDefault()?.Hash ?? AuditChain.Origin, "")));
        }
        return log;
    }

    private static AuditEntry Hashed(AuditEntry entry) => entry with { Hash = AuditChain.HashOf(entry) };

    // Each byte of each text, and each bit of the number.
    private static IEnumerable<(string Field, AuditEntry Changed)> ByteChanges(AuditEntry entry)
    {
        for (var bit = 0; bit < 64; bit++) yield return ($"seq bit {bit}", entry with { Seq = entry.Seq ^ (1L << bit) });
        foreach (var property in typeof(AuditEntry).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.PropertyType == typeof(string)))
        {
            var bytes = Encoding.Latin1.GetBytes((string)property.GetValue(entry)!);
            for (var i = 0; i < bytes.Length; i++)
            {
                var other = bytes.ToArray();
                other[i] ^= (byte)(1 << (i % 8));
                var changed = entry with { };
                property.SetValue(changed, Encoding.Latin1.GetString(other));
                yield return ($"{property.Name} byte {i}", changed);
            }
        }
    }
}
