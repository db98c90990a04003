namespace Hokusai.AwsStub.Schema;

/// <summary>What the AWS provider takes, as far as the bindings that were read say so.</summary>
/// <param name="Version">The provider's version that the bindings were made from.</param>
/// <param name="Provider">The provider block.</param>
/// <param name="Resources">Resources by type.</param>
/// <param name="DataSources">Data sources by type.</param>
internal sealed record ProviderSchema(string Version, BlockSchema Provider, IReadOnlyDictionary<string, BlockSchema> Resources, IReadOnlyDictionary<string, BlockSchema> DataSources);
