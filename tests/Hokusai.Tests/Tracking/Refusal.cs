using Hokusai.Tracking.Protocol;

namespace Hokusai.Tests.Tracking;

/// <summary>What the tracking server must refuse: a mistake of the client, which is a 400 and never a fault of the server.</summary>
internal static class Refusal
{
    public static string Of(Action action)
    {
        var refusal = Assert.Throws<ApiException>(action);
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (refusal.Status, refusal.ErrorCode));
        return refusal.Message;
    }
}
