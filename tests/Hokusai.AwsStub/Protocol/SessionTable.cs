using Grpc.Core;
using Hokusai.AwsStub.Rules;
using Microsoft.AspNetCore.Connections.Features;

namespace Hokusai.AwsStub.Protocol;

/// <summary>Each Terraform command opens a connection of its own for each provider block, which is how one is told from another.</summary>
internal sealed class SessionTable(RuleBook book)
{
    private static readonly object Key = new();

    /// <summary>The session of a call. It lives as long as its connection.</summary>
    public Session Of(ServerCallContext context)
    {
        var items = context.GetHttpContext().Features.Get<IConnectionItemsFeature>()?.Items ?? throw new InvalidOperationException("the server does not keep items for its connections");
        lock (items)
        {
            if (items.TryGetValue(Key, out var known)) return (Session)known!;
            var session = new Session(book);
            items[Key] = session;
            return session;
        }
    }
}
