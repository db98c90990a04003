using Amazon;
using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;

namespace Hokusai.Keys.Peppers;

/// <summary>
/// A secret of AWS Secrets Manager, read through Parameter Store's reference to it (<c>/aws/reference/secretsmanager/NAME</c>, with decryption).
/// Region and credentials come as everywhere in AWS' SDK: environment, profile, container, instance.
/// </summary>
internal static class SecretsManager
{
    private const string Reference = "/aws/reference/secretsmanager/";

    public static async Task<string> ReadAsync(PepperSource source, KeysOptions options, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(options.SecretsDeadline, time);
        try
        {
            // The search for region and credentials blocks in places, and does not look at the token everywhere.
            return await Task.Run(() => AskAsync(source, options, deadline.Token), deadline.Token).WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw Failure(source, $"AWS did not answer within {options.SecretsDeadline:c}; is Parameter Store (ssm) reachable from here?", e);
        }
        catch (ParameterNotFoundException e)
        {
            throw Failure(source, "there is no such secret in this region and account", e);
        }
        catch (AmazonServiceException e)
        {
            throw Failure(source, $"AWS answered {e.ErrorCode ?? e.StatusCode.ToString()}: {e.Message}. The role needs ssm:GetParameter and secretsmanager:GetSecretValue", e);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or InvalidOperationException)
        {
            throw Failure(source, $"{e.Message}. AWS_REGION and the usual sources of credentials must be set", e);
        }
    }

    private static async Task<string> AskAsync(PepperSource source, KeysOptions options, CancellationToken cancellation)
    {
        using var client = new AmazonSimpleSystemsManagementClient(Configuration(options));
        var answer = await client.GetParameterAsync(new GetParameterRequest { Name = Reference + source.Name, WithDecryption = true }, cancellation);
        return answer.Parameter?.Value ?? "";
    }

    private static AmazonSimpleSystemsManagementConfig Configuration(KeysOptions options)
    {
        var configuration = new AmazonSimpleSystemsManagementConfig { Timeout = options.SecretsDeadline };
        if (options.SecretsEndpoint is not { } endpoint) return configuration;
        configuration.AuthenticationRegion = FallbackRegionFactory.GetRegionEndpoint()?.SystemName ?? RegionEndpoint.USEast1.SystemName;
        configuration.ServiceURL = endpoint;
        return configuration;
    }

    private static IOException Failure(PepperSource source, string reason, Exception inner) => new($"the pepper '{source.Id}' can't be read from AWS Secrets Manager, secret {source.Name}: {reason}", inner);
}
