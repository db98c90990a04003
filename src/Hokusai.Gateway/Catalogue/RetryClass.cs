namespace Hokusai.Gateway.Catalogue;

/// <summary>Whether a request may be sent again when its answer did not come. <c>RetryPlan</c> reads it.</summary>
internal enum RetryClass
{
    /// <summary>Changes nothing, whatever its method: a search by POST is as safe as a GET.</summary>
    Safe,

    /// <summary>Changes something, and a second time changes nothing more: tags, aliases, updates, metrics of the same step.</summary>
    IdempotentWrite,

    /// <summary>A second time makes a second thing: runs, model versions, logged models, traces.</summary>
    Never,
}
