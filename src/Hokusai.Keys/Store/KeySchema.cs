using Hokusai.Keys.Audit;
using Hokusai.Keys.Peppers;
using Hokusai.Storage;

namespace Hokusai.Keys.Store;

/// <summary>The auth service's tables. A step that has run somewhere is never edited.</summary>
internal static class KeySchema
{
    public static Schema Schema { get; } = new("keys", [
        [
            """
            CREATE TABLE api_keys (key_id {TEXT} PRIMARY KEY, hash {TEXT} NOT NULL UNIQUE, display {TEXT} NOT NULL, name {TEXT} NOT NULL, user_id {TEXT} NOT NULL,
                scopes {TEXT} NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT, revoked_ms BIGINT)
            """,
            "CREATE TABLE api_key_changes (revision {ID}, key_id {TEXT} NOT NULL)",
            "CREATE TABLE api_key_settings (name {TEXT} PRIMARY KEY, value {TEXT} NOT NULL)",
        ],
        [
            "ALTER TABLE api_keys ADD COLUMN email {TEXT}",
            "ALTER TABLE api_keys ADD COLUMN environment {TEXT}",
            // Rate limit, networks, grants and quotas as JSON: nobody searches by them.
            "ALTER TABLE api_keys ADD COLUMN limits {TEXT} NOT NULL DEFAULT '{}'",
            "ALTER TABLE api_keys ADD COLUMN disabled_ms BIGINT",
            "ALTER TABLE api_keys ADD COLUMN successor_id {TEXT}",
            "ALTER TABLE api_keys ADD COLUMN rotated_ms BIGINT",
            "ALTER TABLE api_keys ADD COLUMN overlap_ends_ms BIGINT",
            "ALTER TABLE api_keys ADD COLUMN retired_ms BIGINT",
            "ALTER TABLE api_keys ADD COLUMN first_used_ms BIGINT",
            "ALTER TABLE api_keys ADD COLUMN last_used_ms BIGINT",
            "ALTER TABLE api_keys ADD COLUMN last_used_ip {TEXT}",
            "ALTER TABLE api_keys ADD COLUMN last_used_client {TEXT}",
            "ALTER TABLE api_keys ADD COLUMN use_count BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE api_keys ADD COLUMN warned_ms BIGINT",
        ],
        PepperStore.Step,
        AuditTrail.Step,
    ]);
}
