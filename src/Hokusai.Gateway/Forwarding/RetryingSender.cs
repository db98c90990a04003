using System.Runtime.CompilerServices;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Gateway.Resilience;

namespace Hokusai.Gateway.Forwarding;

/// <summary>Gets an answer to begin: attempts, as many as are safe and allowed, within the request's time.</summary>
/// <remarks>
/// 1. The breaker lets the attempt through, or it ends here. 2. The attempt. 3. The breaker learns how it went. 4. If it failed:
/// is another one safe (<see cref="RetryPlan"/>), is there budget for it, how long to wait.
/// </remarks>
internal sealed class RetryingSender(AttemptRunner runner, Breakers breakers, RetryBudget budget, GatewayOptions options, Action retryRefused, TimeProvider time)
{
    /// <summary>Sends until an answer begins or nothing more may be tried.</summary>
    /// <exception cref="UpstreamFailure">No answer came.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<BegunAnswer> SendAsync(Sending sending)
    {
        string? reason = null;
        var held = false;
        budget.Enter();
        try
        {
            for (var retries = 0; ; retries++)
            {
                BegunAnswer? answer = null;
                UpstreamFailure? failure = null;
                try
                {
                    answer = await AttemptAsync(sending, reason);
                    if (!IsFailure(answer.Response.Status)) return answer;
                }
                catch (UpstreamFailure e) when (e.Place != FailurePlace.BreakerOpen)
                {
                    failure = e;
                }
                var failed = Describe(answer, failure);
                var left = sending.Deadline?.Left ?? sending.Silence;
                var decision = RetryPlan.Decide(options.Resilience.Retries, sending.Exchange.Endpoint!.Retry, failed, new RetryMeans(retries, sending.Body.CanBeSent, left));
                if (!decision.Retry || sending.Http.RequestAborted.IsCancellationRequested) return answer ?? throw failure!;
                // What never reached the upstream was no load on it: the budget is for what may have.
                if (!failed.IsUnsent && !held && !(held = Take())) return answer ?? throw failure!;
                if (answer is not null) await answer.DropAsync();
                // The first time another address, or another connection, is tried at once.
                if (!failed.IsUnsent || retries > 0) await WaitAsync(sending, retries + 1, failed.RetryAfter, left);
                reason = Word(failed);
            }
        }
        finally
        {
            if (held) budget.Return();
            budget.Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<BegunAnswer> AttemptAsync(Sending sending, string? reason)
    {
        var breaker = breakers.For(sending.Exchange.Endpoint!.Body);
        if (!breaker.TryEnter(out var retryAfter, out var isProbe))
        {
            sending.Exchange.RetryAfter = (int)Math.Ceiling(Math.Max(1, retryAfter.TotalSeconds));
            throw new UpstreamFailure(FailurePlace.BreakerOpen, Progress.NothingSent, breaker.Reason);
        }
        try
        {
            var limit = sending.Deadline is { } deadline && deadline.NextAttempt < sending.Silence ? deadline.NextAttempt : sending.Silence;
            var answer = await runner.RunAsync(sending, limit, reason);
            breaker.Record(!IsFailure(answer.Response.Status), isProbe, $"the upstream answered {answer.Response.Status}");
            return answer;
        }
        catch (UpstreamFailure failure) when (!SaysNothing(sending, failure))
        {
            breaker.Record(success: false, isProbe, failure.Detail ?? failure.Place.ToString());
            throw;
        }
        catch
        {
            breaker.Abandon(isProbe);
            throw;
        }
    }

    private bool Take()
    {
        if (budget.TryTake()) return true;
        retryRefused();
        return false;
    }

    private async ValueTask WaitAsync(Sending sending, int retry, TimeSpan? asked, TimeSpan left)
    {
        var wait = Backoff.Wait(options.Resilience.Retries, retry, asked, left, Random.Shared.NextDouble());
        await Task.Delay(wait, time, sending.BoundToClient ? sending.Http.RequestAborted : CancellationToken.None);
    }

    // The client's doing says nothing about the upstream. Nor does the end of a pooled connection before an answer: servers close what is idle,
    // and one that closes often would open the breaker though each request is answered on the next connection.
    private static bool SaysNothing(Sending sending, UpstreamFailure failure) => failure.Place switch
    {
        FailurePlace.ClientGone or FailurePlace.RequestMalformed or FailurePlace.QuotaExhausted or FailurePlace.QuotaEndsSoon => true,
        // What somebody has to mend is told at once and each time. An open breaker would tell the client to try again.
        FailurePlace.UpstreamNameUnknown or FailurePlace.UpstreamTls or FailurePlace.UpstreamHostRefused or FailurePlace.UpstreamPrefixWrong => true,
        FailurePlace.UpstreamReset => failure.Progress != Progress.AnswerBegun && sending.Exchange.Attempts[^1].ReusedConnection,
        _ => false,
    };

    private static bool IsFailure(int status) => status is 502 or 503 or 504;

    private static FailedAttempt Describe(BegunAnswer? answer, UpstreamFailure? failure)
    {
        if (answer is not null) return new FailedAttempt(AttemptEnd.FailureStatus, answer.Response.Status, answer.Response.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        return new FailedAttempt(failure!.Progress switch
        {
            Progress.NothingSent => failure.Place switch
            {
                FailurePlace.UpstreamTls or FailurePlace.UpstreamNameUnknown or FailurePlace.RequestMalformed => AttemptEnd.BrokeOffInAnswer,
                FailurePlace.UpstreamReset => AttemptEnd.ClosedUnwritten,
                _ => AttemptEnd.NotConnected,
            },
            Progress.Sent => failure.Place == FailurePlace.UpstreamTimeout ? AttemptEnd.NoAnswerInTime : AttemptEnd.ResetBeforeAnswer,
            _ => AttemptEnd.BrokeOffInAnswer,
        });
    }

    private static string Word(FailedAttempt failed) => failed.End switch
    {
        AttemptEnd.NotConnected => "not connected",
        AttemptEnd.ClosedUnwritten => "closed unwritten",
        AttemptEnd.ResetBeforeAnswer => "reset",
        AttemptEnd.NoAnswerInTime => "no answer",
        _ => "failure status",
    };
}
