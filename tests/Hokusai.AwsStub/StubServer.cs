using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hokusai.AwsStub.Protocol;
using Hokusai.AwsStub.Rules;
using Hokusai.AwsStub.Schema;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hokusai.AwsStub;

/// <summary>The stub as a server on a free port of loopback, which Terraform is told to attach to.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private const string ProviderAddress = "registry.terraform.io/hashicorp/aws";

    private const int Patterns = 500;

    private readonly WebApplication _host;

    private StubServer(WebApplication host, ProviderSchema schema)
    {
        _host = host;
        Schema = schema;
        var address = new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Reattach = new JsonObject
        {
            [ProviderAddress] = new JsonObject
            {
                ["Protocol"] = "grpc",
                ["ProtocolVersion"] = 5,
                ["Pid"] = Environment.ProcessId,
                // Terraform must not end the process when its command ends.
                ["Test"] = true,
                ["Addr"] = new JsonObject { ["Network"] = "tcp", ["String"] = address.Authority },
            },
        }.ToJsonString();
    }

    /// <summary>The variable that tells Terraform where a provider runs already.</summary>
    public static string ReattachVariable => "TF_REATTACH_PROVIDERS";

    /// <summary>What it must be set to.</summary>
    public string Reattach { get; }

    /// <summary>The schema that is served.</summary>
    public ProviderSchema Schema { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="data">What <c>build/prerequisites</c> has fetched.</param>
    /// <exception cref="DirectoryNotFoundException">It is not there.</exception>
    public static async Task<StubServer> StartAsync(StubData data)
    {
        // Every value is compared with patterns; the framework remembers 15 of them by itself.
        Regex.CacheSize = Patterns;
        var schema = SchemaFolder.Read(data.Bindings);
        var book = RuleBook.Read();
        var builder = WebApplication.CreateSlimBuilder();
        // Standard output belongs to the line that tells where the server is.
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(new StubProvider(schema, new ResourceRules(book, new ShapeCheck(new ServiceModels(data.Models), book.Newer)), new SessionTable(book)));
        var host = builder.Build();
        host.MapGrpcService<StubProvider>();
        await host.StartAsync();
        return new StubServer(host, schema);
    }

    /// <summary>Serves until SIGTERM or Ctrl-C.</summary>
    public Task WaitForShutdownAsync() => _host.WaitForShutdownAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
