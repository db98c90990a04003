using System.Buffers;
using Hokusai.Gateway.Connections;

namespace Hokusai.Tests.Gateway.Connections;

public sealed class LargeBlocksTests
{
    private readonly LargeBlocks _blocks = new();

    [Fact]
    public void Lend_NothingUnderWay_LendsNone()
    {
        Assert.Null(_blocks.TryLend(4096));
        _blocks.Begin();
        _blocks.End();
        Assert.Null(_blocks.TryLend(4096));
    }

    [Fact]
    public void Lend_WhileOneOfTwoGoesOn_LendsLargeOnes()
    {
        _blocks.Begin();
        _blocks.Begin();
        _blocks.End();
        using var block = _blocks.TryLend(4096);
        Assert.Equal(LargeBlocks.Size, block!.Memory.Length);
    }

    [Fact]
    public void Lend_MoreThanABlockHolds_LendsNone()
    {
        _blocks.Begin();
        Assert.Null(_blocks.TryLend(LargeBlocks.Size + 1));
    }

    [Fact]
    public void Lend_AllAreOut_LendsNoneUntilOneIsBack()
    {
        _blocks.Begin();
        var lent = Enumerable.Range(0, LargeBlocks.Most).Select(_ => _blocks.TryLend(4096)!).ToList();
        Assert.Null(_blocks.TryLend(4096));
        // What is given back twice counts once.
        lent[0].Dispose();
        lent[0].Dispose();
        using (var again = _blocks.TryLend(4096)) Assert.NotNull(again);
        using var one = _blocks.TryLend(4096);
        Assert.Null(_blocks.TryLend(4096));
        Assert.All(lent.Skip(1), static block => Assert.Equal(LargeBlocks.Size, block.Memory.Length));
        lent.ForEach(static block => block.Dispose());
    }

    [Fact]
    public void Rent_NothingUnderWay_IsTheServersOwn()
    {
        using var usual = MemoryPool<byte>.Shared;
        using var pool = new UploadBlocks(usual, _blocks);
        using (var block = pool.Rent(4096)) Assert.InRange(block.Memory.Length, 4096, LargeBlocks.Size - 1);
        _blocks.Begin();
        using (var block = pool.Rent(4096)) Assert.Equal(LargeBlocks.Size, block.Memory.Length);
    }
}
