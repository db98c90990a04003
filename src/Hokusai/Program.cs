using Hokusai.Serve;
using Hokusai.Tracking;
using Microsoft.Extensions.Logging.Abstractions;

var server = await TrackingServer.OpenAsync(new TrackingOptions { BackendStoreUri = "sqlite:///" + args[0] + "/t.db", ArtifactsDestination = args[0] + "/a" }, TimeProvider.System, NullLoggerFactory.Instance);
var host = await RoleHost.StartAsync(ListenAddress.Loopback(int.Parse(args[1])), server.HandleAsync, NullLoggerFactory.Instance, 16 << 20, TimeSpan.FromSeconds(5), default);
Console.WriteLine(host.Url);
Console.In.ReadToEnd();
return 0;
