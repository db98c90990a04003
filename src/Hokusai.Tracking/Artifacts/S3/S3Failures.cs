using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace Hokusai.Tracking.Artifacts.S3;

/// <summary>What S3's failures mean to who runs the server.</summary>
internal static class S3Failures
{
    /// <summary>Whether the answer means that there is no such object.</summary>
    public static bool IsMissing(AmazonS3Exception answer) => answer.StatusCode == HttpStatusCode.NotFound && answer.ErrorCode is not ("NoSuchBucket" or "NoSuchUpload");

    /// <summary>A failure in words; null if it is none of S3's.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="permission">The IAM action that was needed.</param>
    /// <param name="s3">Who called.</param>
    public static ArtifactStoreException? Describe(Exception error, string permission, S3Caller s3) => error switch
    {
        AmazonServiceException answer => Describe(answer, permission, s3.Location),
        OperationCanceledException or TimeoutException => Transient($"S3 did not answer in time ({permission} on {s3.Location}{At(s3)})", error),
        HttpRequestException or IOException or System.Net.Sockets.SocketException => Transient($"S3 can't be reached ({permission} on {s3.Location}{At(s3)}): {Innermost(error)}", error),
        AmazonClientException when Innermost(error).Contains("RegionEndpoint", StringComparison.Ordinal) => Permanent($"{s3.Location} can't be used: no region is configured; set AWS_REGION", error),
        AmazonClientException => Transient($"{s3.Location} can't be used ({permission}): {Innermost(error)}. Give the task or instance a role, or set AWS_PROFILE or the keys in the environment", error),
        _ => null,
    };

    private static ArtifactStoreException Describe(AmazonServiceException answer, string permission, S3Location location)
    {
        var told = $"S3 answered {(int)answer.StatusCode} {answer.ErrorCode}: {answer.Message}";
        return answer.ErrorCode switch
        {
            "NoSuchBucket" => Permanent($"The bucket '{location.Bucket}' does not exist: create it, or name another in --artifacts-destination. {told}", answer),
            "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" => Permanent($"The bucket '{location.Bucket}' lies in another region: set AWS_REGION to it. {told}", answer),
            "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" => Permanent($"The credentials for the bucket '{location.Bucket}' are not accepted: check the role, or the keys in the environment. {told}", answer),
            "ExpiredToken" or "RequestTimeTooSkewed" or "BadDigest" or "RequestTimeout" or "NoSuchUpload" => Transient($"{permission} on {location}: {told}", answer),
            "AccessDenied" or "AllAccessDisabled" or "Forbidden" or "" or null when answer.StatusCode == HttpStatusCode.Forbidden => Permanent(
                $"Access to the bucket '{location.Bucket}' is denied: allow the tracking server's role {permission} on {Resource(permission, location)}, and the use of the bucket's KMS key if it has one. {told}", answer),
            _ when (int)answer.StatusCode >= 500 || answer.StatusCode is HttpStatusCode.TooManyRequests || (int)answer.StatusCode == 0 => Transient($"{permission} on {location}: {told}", answer),
            _ => Permanent($"{permission} on {location}: {told}", answer),
        };
    }

    private static string Resource(string permission, S3Location location) => permission == S3Permissions.List ? $"arn:aws:s3:::{location.Bucket} (prefix {location.Root}*)" : $"arn:aws:s3:::{location.Bucket}/{location.Root}*";

    private static string At(S3Caller s3) => s3.Endpoint is null ? "" : " at " + s3.Endpoint;

    // In one line: the SDK lists each place in which it looked for credentials in one of its own.
    private static string Innermost(Exception error) => string.Join(' ', error.GetBaseException().Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).TrimEnd('.', ' ');

    private static ArtifactStoreException Transient(string message, Exception inner) => new(message, transient: true, inner);

    private static ArtifactStoreException Permanent(string message, Exception inner) => new(message, transient: false, inner);
}

/// <summary>IAM actions that the artifact store needs, and no more.</summary>
internal static class S3Permissions
{
    public const string List = "s3:ListBucket";
    public const string Get = "s3:GetObject";
    public const string Put = "s3:PutObject";
    public const string Delete = "s3:DeleteObject";
    public const string Abort = "s3:AbortMultipartUpload";
}
