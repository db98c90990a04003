using Hokusai.Edge;
using Hokusai.Gateway;
using Hokusai.Gateway.Discovery;
using Hokusai.Gateway.Forwarding.Http1;
using Hokusai.Keys;

namespace Hokusai.Serve;

/// <summary>The options of each role from file and environment. One line an option: what is missing here can't be set.</summary>
internal static class RoleSettings
{
    public static GatewayOptions Gateway(Settings settings)
    {
        var standard = new GatewayOptions();
        return new GatewayOptions
        {
            Upstream = settings.Text(nameof(standard.Upstream), standard.Upstream),
            AllowAddressLiteral = settings.Flag(nameof(standard.AllowAddressLiteral), standard.AllowAddressLiteral),
            UpstreamCredential = settings.Choice(nameof(standard.UpstreamCredential), standard.UpstreamCredential),
            ServiceToken = settings.TextOrNull(nameof(standard.ServiceToken)),
            AuthService = settings.Text(nameof(standard.AuthService), standard.AuthService),
            ServiceId = settings.Text(nameof(standard.ServiceId), standard.ServiceId),
            VerdictLifetime = settings.Time(nameof(standard.VerdictLifetime), standard.VerdictLifetime),
            RefusalLifetime = settings.Time(nameof(standard.RefusalLifetime), standard.RefusalLifetime),
            StaleVerdictLifetime = settings.Time(nameof(standard.StaleVerdictLifetime), standard.StaleVerdictLifetime),
            AuthDeadline = settings.Time(nameof(standard.AuthDeadline), standard.AuthDeadline),
            Discovery = new DiscoveryOptions
            {
                Mode = settings.Choice("DiscoveryMode", standard.Discovery.Mode),
                Addresses = settings.List("UpstreamAddresses", standard.Discovery.Addresses),
                Record = settings.Choice("DnsRecord", standard.Discovery.Record),
                NameServers = settings.List("NameServers", standard.Discovery.NameServers),
                LeastTtl = settings.Time(nameof(standard.Discovery.LeastTtl), standard.Discovery.LeastTtl),
                MostTtl = settings.Time(nameof(standard.Discovery.MostTtl), standard.Discovery.MostTtl),
                NegativeTtl = settings.Time(nameof(standard.Discovery.NegativeTtl), standard.Discovery.NegativeTtl),
                StaleLifetime = settings.Time("StaleAddressLifetime", standard.Discovery.StaleLifetime),
                QueryDeadline = settings.Time("DnsQueryDeadline", standard.Discovery.QueryDeadline),
                FirstDeadline = settings.Time("FirstResolutionDeadline", standard.Discovery.FirstDeadline),
            },
            Pool = new PoolOptions
            {
                ConnectDeadline = settings.Time(nameof(standard.Pool.ConnectDeadline), standard.Pool.ConnectDeadline),
                ConnectionLifetime = settings.Time(nameof(standard.Pool.ConnectionLifetime), standard.Pool.ConnectionLifetime),
                IdleLifetime = settings.Time(nameof(standard.Pool.IdleLifetime), standard.Pool.IdleLifetime),
                MostIdle = (int)Math.Clamp(settings.Number(nameof(standard.Pool.MostIdle), standard.Pool.MostIdle), int.MinValue, int.MaxValue),
                FirstEjection = settings.Time(nameof(standard.Pool.FirstEjection), standard.Pool.FirstEjection),
                LongestEjection = settings.Time(nameof(standard.Pool.LongestEjection), standard.Pool.LongestEjection),
            },
            MetadataIdle = settings.Time(nameof(standard.MetadataIdle), standard.MetadataIdle),
            ArtifactIdle = settings.Time(nameof(standard.ArtifactIdle), standard.ArtifactIdle),
            LargestMetadataBody = settings.Number(nameof(standard.LargestMetadataBody), standard.LargestMetadataBody),
            TrustedProxies = settings.List(nameof(standard.TrustedProxies), standard.TrustedProxies),
        };
    }

    public static KeysOptions Keys(Settings settings)
    {
        var standard = new KeysOptions();
        return new KeysOptions
        {
            StoreUri = settings.Text(nameof(standard.StoreUri), standard.StoreUri),
            PepperFile = settings.Text(nameof(standard.PepperFile), standard.PepperFile),
            Services = settings.List(nameof(standard.Services), standard.Services),
        };
    }

    public static EdgeOptions Edge(Settings settings)
    {
        var standard = new EdgeOptions();
        return new EdgeOptions
        {
            RoutesFile = settings.Text(nameof(standard.RoutesFile), standard.RoutesFile),
            Targets = settings.Map(nameof(standard.Targets)),
            DirectAccessNetworks = settings.List(nameof(standard.DirectAccessNetworks), standard.DirectAccessNetworks),
            IdleTimeout = settings.Time(nameof(standard.IdleTimeout), standard.IdleTimeout),
        };
    }
}
