namespace Hokusai.Gateway.Forwarding.Http1;

/// <summary>An attempt came to nothing. Says where, and what the upstream may have seen of the request: only what it can't have seen is safe to send again.</summary>
internal sealed class UpstreamFailure(FailurePlace place, Progress progress, string? detail = null, Exception? inner = null) : Exception(detail ?? place.ToString(), inner)
{
    public FailurePlace Place => place;

    public Progress Progress => progress;

    public string? Detail => detail;
}

/// <summary>How far an attempt had come.</summary>
internal enum Progress
{
    /// <summary>Not a byte was sent: nothing can have been processed.</summary>
    NothingSent,

    /// <summary>The request was sent, at least in part, and no byte of an answer came.</summary>
    Sent,

    /// <summary>The answer had begun.</summary>
    AnswerBegun,
}
