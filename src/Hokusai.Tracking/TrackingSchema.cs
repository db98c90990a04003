using Hokusai.Storage;

namespace Hokusai.Tracking;

/// <summary>The tables of the tracking server.</summary>
internal static class TrackingSchema
{
    public static Schema Current { get; } = new("tracking", [First]);

    // Runs and models have a small number beside their public id, so that the large tables (metrics, tags) stay narrow.
    // Metrics are kept in the order in which a history is read: key, timestamp, step, value.
    private static IReadOnlyList<string> First =>
    [
        """
        CREATE TABLE experiments (experiment_id {ID}, name {TEXT} NOT NULL UNIQUE, artifact_location {TEXT} NOT NULL,
            lifecycle_stage {TEXT} NOT NULL, creation_time BIGINT NOT NULL, last_update_time BIGINT NOT NULL)
        """,
        "CREATE TABLE experiment_tags (experiment_id BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (experiment_id, key)) {CLUSTERED}",
        """
        CREATE TABLE runs (run_pk {ID}, run_id {TEXT} NOT NULL UNIQUE, experiment_id BIGINT NOT NULL, run_name {TEXT} NOT NULL, user_id {TEXT} NOT NULL,
            status {TEXT} NOT NULL, start_time BIGINT NOT NULL, end_time BIGINT, artifact_uri {TEXT} NOT NULL, lifecycle_stage {TEXT} NOT NULL, deleted_time BIGINT)
        """,
        "CREATE INDEX runs_by_start ON runs (experiment_id, lifecycle_stage, start_time DESC, run_id)",
        "CREATE TABLE params (run_pk BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (run_pk, key)) {CLUSTERED}",
        "CREATE INDEX params_by_value ON params (key, value, run_pk)",
        "CREATE TABLE tags (run_pk BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (run_pk, key)) {CLUSTERED}",
        """
        CREATE TABLE metrics (run_pk BIGINT NOT NULL, key {TEXT} NOT NULL, timestamp BIGINT NOT NULL, step BIGINT NOT NULL, value {REAL} NOT NULL, is_nan BIGINT NOT NULL,
            PRIMARY KEY (run_pk, key, timestamp, step, value, is_nan)) {CLUSTERED}
        """,
        """
        CREATE TABLE latest_metrics (run_pk BIGINT NOT NULL, key {TEXT} NOT NULL, value {REAL} NOT NULL, timestamp BIGINT NOT NULL, step BIGINT NOT NULL, is_nan BIGINT NOT NULL,
            PRIMARY KEY (run_pk, key)) {CLUSTERED}
        """,
        "CREATE INDEX latest_metrics_by_value ON latest_metrics (key, value, run_pk)",
        """
        CREATE TABLE datasets (dataset_pk {ID}, name {TEXT} NOT NULL, digest {TEXT} NOT NULL, source_type {TEXT} NOT NULL, source {TEXT} NOT NULL, dataset_schema {TEXT}, profile {TEXT},
            UNIQUE (name, digest))
        """,
        "CREATE TABLE run_datasets (link_pk {ID}, run_pk BIGINT NOT NULL, dataset_pk BIGINT NOT NULL, UNIQUE (run_pk, dataset_pk))",
        "CREATE TABLE run_dataset_tags (link_pk BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (link_pk, key)) {CLUSTERED}",
        "CREATE TABLE run_models (link_pk {ID}, run_pk BIGINT NOT NULL, direction {TEXT} NOT NULL, model_id {TEXT} NOT NULL, step BIGINT NOT NULL, UNIQUE (run_pk, direction, model_id))",
        """
        CREATE TABLE logged_models (model_pk {ID}, model_id {TEXT} NOT NULL UNIQUE, experiment_id BIGINT NOT NULL, name {TEXT} NOT NULL, artifact_uri {TEXT} NOT NULL,
            creation_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL, status BIGINT NOT NULL, model_type {TEXT} NOT NULL, source_run_id {TEXT}, lifecycle_stage {TEXT} NOT NULL)
        """,
        "CREATE INDEX logged_models_by_creation ON logged_models (experiment_id, lifecycle_stage, creation_ms DESC)",
        "CREATE TABLE logged_model_params (model_pk BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (model_pk, key)) {CLUSTERED}",
        "CREATE TABLE logged_model_tags (model_pk BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (model_pk, key)) {CLUSTERED}",
        """
        CREATE TABLE logged_model_metrics (model_pk BIGINT NOT NULL, key {TEXT} NOT NULL, timestamp BIGINT NOT NULL, step BIGINT NOT NULL, run_id {TEXT} NOT NULL,
            value {REAL} NOT NULL, is_nan BIGINT NOT NULL, dataset_name {TEXT}, dataset_digest {TEXT}, PRIMARY KEY (model_pk, key, timestamp, step, run_id)) {CLUSTERED}
        """,
        "CREATE TABLE registered_models (model_pk {ID}, name {TEXT} NOT NULL UNIQUE, creation_time BIGINT NOT NULL, last_updated_time BIGINT NOT NULL, description {TEXT} NOT NULL)",
        "CREATE TABLE registered_model_tags (model_pk BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (model_pk, key)) {CLUSTERED}",
        "CREATE TABLE registered_model_aliases (model_pk BIGINT NOT NULL, alias {TEXT} NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (model_pk, alias)) {CLUSTERED}",
        // A deleted version keeps its row, so that its number is never given again.
        """
        CREATE TABLE model_versions (model_pk BIGINT NOT NULL, version BIGINT NOT NULL, creation_time BIGINT NOT NULL, last_updated_time BIGINT NOT NULL, description {TEXT} NOT NULL,
            user_id {TEXT} NOT NULL, stage {TEXT} NOT NULL, source {TEXT} NOT NULL, storage_location {TEXT} NOT NULL, run_id {TEXT} NOT NULL, run_link {TEXT} NOT NULL,
            deleted BIGINT NOT NULL, PRIMARY KEY (model_pk, version)) {CLUSTERED}
        """,
        "CREATE TABLE model_version_tags (model_pk BIGINT NOT NULL, version BIGINT NOT NULL, key {TEXT} NOT NULL, value {TEXT} NOT NULL, PRIMARY KEY (model_pk, version, key)) {CLUSTERED}",
    ];
}
