namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>What is stored is encrypted, closed to the public, and not lost.</summary>
internal static class DataPolicies
{
    public static IEnumerable<PolicyFinding> Check(AppliedState state) => Buckets(state).Concat(Databases(state)).Concat(Rest(state));

    private static IEnumerable<PolicyFinding> Buckets(AppliedState state)
    {
        foreach (var bucket in state.Of("aws_s3_bucket"))
        {
            var name = bucket.Text("bucket");
            if (state.Find("aws_s3_bucket_public_access_block", "bucket", name) is not { } block || new[] { "block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets" }.Any(flag => !block.Flag(flag)))
                yield return new PolicyFinding(bucket.Address, "it may be opened to the public", "set all four flags of aws_s3_bucket_public_access_block");
            if (state.Find("aws_s3_bucket_versioning", "bucket", name)?.Blocks("versioning_configuration").Any(version => version.Text("status") == "Enabled") != true)
                yield return new PolicyFinding(bucket.Address, "what is overwritten is lost", "enable versioning");
            if (state.Find("aws_s3_bucket_server_side_encryption_configuration", "bucket", name) is null)
                yield return new PolicyFinding(bucket.Address, "its encryption is not set", "add aws_s3_bucket_server_side_encryption_configuration");
            foreach (var rule in state.Of("aws_s3_bucket_lifecycle_configuration").Where(lifecycle => lifecycle.Text("bucket") == name).SelectMany(lifecycle => lifecycle.Blocks("rule")).Where(rule => rule.Blocks("expiration").Any(expiration => expiration.Number("days") > 0)))
                yield return new PolicyFinding(rule.Address, $"rule \"{rule.Text("id")}\" deletes artifacts by age", "a model's artifacts are needed as long as the model is registered");
            if (state.Production && bucket.Flag("force_destroy"))
                yield return new PolicyFinding(bucket.Address, "force_destroy deletes all artifacts with the bucket", "leave it off in production");
        }
    }

    private static IEnumerable<PolicyFinding> Databases(AppliedState state)
    {
        foreach (var database in state.Of("aws_db_instance"))
        {
            if (!database.Flag("storage_encrypted")) yield return new PolicyFinding(database.Address, "its storage is not encrypted", "set storage_encrypted");
            if (database.Flag("publicly_accessible")) yield return new PolicyFinding(database.Address, "it has a public address", "set publicly_accessible to false");
            if (!database.Flag("manage_master_user_password"))
                yield return new PolicyFinding(database.Address, "its password would stand in Terraform's state", "set manage_master_user_password");
            if (!state.Production) continue;
            if (!database.Flag("multi_az")) yield return new PolicyFinding(database.Address, "it stands in one zone", "set multi_az in production");
            if (!database.Flag("deletion_protection")) yield return new PolicyFinding(database.Address, "it can be deleted", "set deletion_protection in production");
            if (!(database.Number("backup_retention_period") >= 7))
                yield return new PolicyFinding(database.Address, $"backups are kept {database.Text("backup_retention_period")} days", "keep seven at least in production");
            if (database.Flag("skip_final_snapshot")) yield return new PolicyFinding(database.Address, "it leaves no last snapshot", "set skip_final_snapshot to false in production");
        }
    }

    private static IEnumerable<PolicyFinding> Rest(AppliedState state)
    {
        // RDS keeps pending-reboot for what has its default already, such as rds.force_ssl from PostgreSQL 15 on (hashicorp/terraform-provider-aws issue 39252).
        foreach (var group in state.Of("aws_db_parameter_group").Where(group => group.Blocks("parameter").Any(parameter => parameter.Text("name") == "rds.force_ssl" && parameter.Text("apply_method") != "pending-reboot")))
            yield return new PolicyFinding(group.Address, "rds.force_ssl has its default, which RDS gives back as pending-reboot: every plan would change it again", "set apply_method to pending-reboot");
        // The provider replaces a cache whose version in the configuration is below the one that it has.
        foreach (var cache in state.Of("aws_elasticache_replication_group").Where(cache => cache.Flag("auto_minor_version_upgrade") && cache.Text("engine_version").Length > 0))
            yield return new PolicyFinding(cache.Address, $"AWS may raise its version by itself, and engine_version {cache.Text("engine_version")} stands below then: the next plan would make it anew", "set auto_minor_version_upgrade to false");
        foreach (var balancer in state.Of("aws_lb").Where(balancer => state.Production && !balancer.Flag("enable_deletion_protection")))
            yield return new PolicyFinding(balancer.Address, "it can be deleted", "set enable_deletion_protection in production");
        foreach (var cache in state.Of("aws_elasticache_replication_group").Where(cache => !cache.Flag("transit_encryption_enabled") || !cache.Flag("at_rest_encryption_enabled")))
            yield return new PolicyFinding(cache.Address, "it is not encrypted", "encrypt it in transit and at rest");
        foreach (var secret in state.Of("aws_secretsmanager_secret").Where(secret => state.Production != (secret.Number("recovery_window_in_days") > 0)))
            yield return new PolicyFinding(secret.Address, $"recovery_window_in_days {secret.Text("recovery_window_in_days")}", state.Production ? "a secret that was deleted by mistake must come back" : "what is made and destroyed again needs its name again: 0");
        foreach (var log in state.Of("aws_cloudwatch_log_group").Where(log => !(log.Number("retention_in_days") > 0)))
            yield return new PolicyFinding(log.Address, "it keeps logs for ever", "set retention_in_days");
        if (state.Production && !state.Of("aws_lb_listener").Any(listener => listener.Text("protocol") == "HTTPS"))
            yield return new PolicyFinding("aws_lb_listener", "there is no HTTPS in production", "name a certificate");
        foreach (var rule in state.Of("aws_lb_listener").Where(listener => state.Production && listener.Text("protocol") == "HTTP").SelectMany(state.Rules).Where(rule => AppliedState.Forwards(rule).Any()))
            yield return new PolicyFinding(rule.Address, "it takes keys in the clear", "redirect to HTTPS in production");
    }
}
